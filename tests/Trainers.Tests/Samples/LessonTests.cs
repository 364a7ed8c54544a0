using Microsoft.Playwright;

namespace BertMl.Samples;

/// <summary>The lesson, in small, as a program.</summary>
[TestClass]
public sealed class LessonTests
{
    [TestMethod]
    public async Task Sections_are_done_once_and_make_one_page()
    {
        using var folder = new TemporaryFolder();
        string[] arguments = ["--data", Texts(folder), "--rows", "200", "--epochs", "1", "--per-class", "30", "--output", folder["lesson"]];
        await RunAsync([.. arguments, "--only", "architecture"]);
        var output = await RunAsync([.. arguments, "--only", "21.2", "21.3", "21.4", "21.8", "E21.3"]);
        StringAssert.Contains(output, "The architecture (21.3): done before.", StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(Path.Combine(folder["lesson"], "index.html"));
        foreach (
            var heading in (string[])["Masking (21.2)", "The architecture (21.3)", "Fine-tuning (21.4)", "Attention (21.8)", "Maps of [CLS] (E21.3)", "The run"]
        )
            StringAssert.Contains(page, $"<h2>{heading}</h2>", StringComparison.Ordinal);
        StringAssert.Contains(page, "found on validation texts and saved", StringComparison.Ordinal);
        StringAssert.Contains(page, "--only E21.3", StringComparison.Ordinal);
        Assert.IsTrue(File.Exists(Path.Combine(folder["lesson"], "cls-after.csv")));
        StringAssert.Contains(await RunAsync([.. arguments, "--only", "21.99"], exitCode: 1), "There is no section '21.99'", StringComparison.Ordinal);
        StringAssert.Contains(
            await RunAsync(["--output", folder["lesson"], "--only", "architecture"], exitCode: 1),
            "holds a lesson of other settings",
            StringComparison.Ordinal
        );
    }

    [TestMethod]
    [DataRow("--bert", "no-bert")]
    [DataRow("--gpt", "no-gpt")]
    [DataRow("--data", "no-texts.tsv")]
    public async Task A_path_where_nothing_is_is_one_error_line_before_anything_is_written(string option, string path)
    {
        using var folder = new TemporaryFolder();
        var error = await RunAsync([option, folder[path], "--output", folder["lesson"]], exitCode: 1);
        Assert.AreEqual(1, error.Trim().Split('\n').Length, error);
        StringAssert.StartsWith(error, "error: ", StringComparison.Ordinal);
        StringAssert.Contains(error, path, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(folder["lesson"]));
    }

    [TestMethod]
    [DataRow(1280, ColorScheme.Light)]
    [DataRow(360, ColorScheme.Dark)]
    public async Task Its_page_is_readable_in_a_browser(int width, ColorScheme colours)
    {
        await using var browser = await Browser.StartAsync();
        using var folder = new TemporaryFolder();
        string[] arguments = ["--data", Texts(folder), "--rows", "100", "--epochs", "1", "--per-class", "30", "--output", folder["lesson"]];
        await RunAsync([.. arguments, "--only", "21.2", "21.3", "21.4", "21.8", "E21.1", "E21.3"]);
        var opened = await browser.OpenAsync(Path.Combine(folder["lesson"], "index.html"), width, 900, colours);
        await opened.Page.Locator(".attention[data-ready]").WaitForAsync();
        Assert.AreEqual(7, await opened.Page.Locator("main > section > h2").CountAsync());
        await opened.CheckAsync();
        await opened.ScreenshotAsync($"lesson-{width}");
    }

    [TestMethod]
    public async Task Bert_against_gpt_tells_all_ways_and_answers_the_questions()
    {
        using var folder = new TemporaryFolder();
        string[] arguments = ["--data", Texts(folder), "--rows", "100", "--epochs", "1", "--output", folder["lesson"]];
        var output = await RunAsync([.. arguments, "--only", "E21.1"]);
        string[] ways =
        [
            "always the most frequent label",
            "zero-shot: words behind a mask",
            "zero-shot: pseudo-log-likelihood of the label",
            "zero-shot: loss of the continuation",
            "zero-shot: loss of the continuation, calibrated",
            "labelled texts before it",
            "fine-tuned, by its last token",
            "fine-tuned, by its first token",
        ];
        foreach (var way in ways)
            StringAssert.Contains(output, way, StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(Path.Combine(folder["lesson"], "index.html"));
        foreach (var text in (string[])["95 % interval", "Milliseconds a text", "1. Does the", "2. Is that", "3. When would"])
            StringAssert.Contains(page, text, StringComparison.Ordinal);
        // A folder of another family is refused before anything is computed.
        var bert = Path.Combine(Repository.Root, "models", "bert-mini-dotnet");
        arguments[^1] = folder["other"];
        StringAssert.Contains(
            await RunAsync([.. arguments, "--only", "E21.1", "--gpt", bert], exitCode: 1),
            "is a bert with the head",
            StringComparison.Ordinal
        );
        arguments[^1] = folder["another"];
        StringAssert.Contains(
            await RunAsync([.. arguments, "--only", "E21.1", "--bert", Path.Combine(Repository.Root, "models", "gpt-mini-dotnet")], exitCode: 1),
            "expected a masked language model",
            StringComparison.Ordinal
        );
    }

    // 400 texts of two labels, as GLUE has them.
    private static string Texts(TemporaryFolder folder)
    {
        string[] good = ["a good and warm film", "good acting and good music"],
            bad = ["a bad and cold film", "bad acting and bad music"];
        File.WriteAllLines(
            folder["texts.tsv"],
            ["sentence\tlabel", .. Enumerable.Range(0, 400).SelectMany(i => new[] { $"{good[i % 2]} {i}\tpositive", $"{bad[i % 2]} {i}\tnegative" })]
        );
        return folder["texts.tsv"];
    }

    private static Task<string> RunAsync(string[] arguments, int exitCode = 0) => SampleProcess.RunAsync("Lesson", arguments, exitCode);
}
