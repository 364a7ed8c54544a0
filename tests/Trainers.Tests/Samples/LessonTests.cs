using System.Diagnostics;

namespace BertMl.Samples;

/// <summary>The lesson, in small, as a program.</summary>
[TestClass]
public sealed class LessonTests
{
    [TestMethod]
    public async Task Sections_are_done_once_and_make_one_page()
    {
        using var folder = new TemporaryFolder();
        string[] good = ["a good and warm film", "good acting and good music"],
            bad = ["a bad and cold film", "bad acting and bad music"];
        File.WriteAllLines(
            folder["texts.tsv"],
            ["sentence\tlabel", .. Enumerable.Range(0, 400).SelectMany(i => new[] { $"{good[i % 2]} {i}\tpositive", $"{bad[i % 2]} {i}\tnegative" })]
        );
        string[] arguments = ["--data", folder["texts.tsv"], "--rows", "200", "--epochs", "1", "--per-class", "30", "--out", folder["lesson"]];
        string[] sections = ["masking", "architecture", "fine-tuning", "attention", "cls-maps"];
        await RunAsync([.. arguments, "--only", "architecture"]);
        var output = await RunAsync([.. arguments, "--only", .. sections]);
        StringAssert.Contains(output, "The architecture: done before.", StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(Path.Combine(folder["lesson"], "index.html"));
        foreach (var heading in (string[])["Masking", "The architecture", "Fine-tuning", "Attention", "Maps of [CLS]", "The run"])
            StringAssert.Contains(page, $"<h2>{heading}</h2>", StringComparison.Ordinal);
        StringAssert.Contains(page, "--only cls-maps", StringComparison.Ordinal);
        Assert.IsTrue(File.Exists(Path.Combine(folder["lesson"], "cls-after.csv")));
        StringAssert.Contains(await RunAsync([.. arguments, "--only", "bert-base"], exitCode: 1), "There is no section 'bert-base'", StringComparison.Ordinal);
        StringAssert.Contains(
            await RunAsync(["--out", folder["lesson"], "--only", "architecture"], exitCode: 1),
            "holds a lesson of other settings",
            StringComparison.Ordinal
        );
    }

    private static async Task<string> RunAsync(string[] arguments, int exitCode = 0)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Debug"
            : "Release";
        var program = Path.Combine(Repository.Root, "samples", "Lesson", "bin", configuration, "net10.0", "Lesson.dll");
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [program, .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.AreEqual(exitCode, process.ExitCode, await output + await error);
        return await output + await error;
    }
}
