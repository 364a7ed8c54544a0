using System.Diagnostics;
using System.Text.RegularExpressions;

namespace BertMl.Samples;

/// <summary>Every file of samples/recipes runs as it is, by <c>dotnet run FILE.cs</c>.</summary>
[TestClass]
public sealed partial class RecipesTests
{
    // The size that a recipe may have to be read at a glance.
    private const int LeastLines = 20;
    private const int MostLines = 40;

    // Of each recipe, words that its output must have, and files that it writes under artifacts/recipes.
    private static readonly Dictionary<string, (string[] Words, string[] Files)> _expected = new(StringComparer.Ordinal)
    {
        ["attention-page.cs"] = (["layer 3, head 3: entropy"], ["attention.html", "attention.png"]),
        ["classify.cs"] = (["Closes the file.  files (", "Subtracts a number from another.  numbers ("], ["classifier.zip"]),
        ["embedding-map.cs"] = (["silhouette "], ["map.html", "map.png"]),
        ["embeddings.cs"] = (["Opens a file for reading."], []),
        ["explain.cs"] = (["files", " number"], ["classifier/config.json", "explanation.html"]),
        ["export-onnx.cs"] = (["in   input_ids [batch_size, sequence_length]", "out  attentions.3"], ["model.onnx"]),
        ["fill-mask.cs"] = (["Returns the [MASK] of the list.", "%"], []),
        ["learn-vocabulary.cs"] = (["Loaded again."], ["vocabulary/tokenizer.json"]),
        ["mask.cs"] = (["WholeWord: ", "[MASK]"], []),
        ["pretrain.cs"] = (["Saved artifacts/recipes/pretrained"], ["pretrained/model.safetensors"]),
        ["regression.cs"] = (["Gets the value of the item.  0.", "Downloads a file and waits for the server.  "], []),
        ["several-labels.cs"] = (["Copies a file: file ", "Waits for the thread: file "], []),
        ["multiple-choice.cs"] = (["Opens the file: The color. "], []),
        ["named-entities.cs"] = (["TYPE at 10", "PARAM at 4"], []),
        ["question-answering.cs"] = (["Answer: the name of the list"], []),
        ["sentence-scores.cs"] = (["models/gpt-mini-dotnet", " file.     loss a token"], []),
        ["tokenize.cs"] = (["[CLS] where is it ? [SEP]", "asynchronously"], []),
    };

    private static string Folder => Path.Combine(Repository.Root, "samples", "recipes");

    public static IEnumerable<object[]> Recipes => _expected.Keys.Order(StringComparer.Ordinal).Select(name => new object[] { name });

    [TestMethod]
    public void Every_recipe_is_run_and_short()
    {
        var files = Directory.GetFiles(Folder, "*.cs");
        CollectionAssert.AreEquivalent(_expected.Keys.ToList(), files.Select(path => Path.GetFileName(path)!).ToList());
        foreach (var file in files)
            Assert.IsInRange(LeastLines, MostLines, File.ReadLines(file).Count(), file);
    }

    [TestMethod]
    public void The_README_quotes_recipes_as_they_are()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var quotes = Quotes().Matches(readme);
        Assert.IsGreaterThanOrEqualTo(3, quotes.Count);
        foreach (Match quote in quotes)
            Assert.AreEqual(File.ReadAllText(Path.Combine(Folder, quote.Groups["name"].Value)).TrimEnd(), quote.Groups["code"].Value);
    }

    [GeneratedRegex(
        @"<summary><a href=""samples/recipes/(?<name>[a-z-]+\.cs)"">.*?```cs\n(?<code>.*?)\n```",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Quotes();

    [TestMethod]
    [DynamicData(nameof(Recipes))]
    public async Task A_recipe_runs_as_it_is(string name)
    {
        var (words, files) = _expected[name];
        using var folder = new TemporaryFolder();
        // What it reads is where it is in the repository; what it writes does not come into it.
        Directory.CreateSymbolicLink(folder["models"], Path.Combine(Repository.Root, "models"));
        foreach (var document in (string[])["README.md", "ARCHITECTURE.md"])
            File.Copy(Path.Combine(Repository.Root, document), folder[document]);
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Debug"
            : "Release";
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The libraries have been built, with this test.
        foreach (
            var argument in (string[])["run", "--configuration", configuration, "--property:BuildProjectReferences=false", "--file", Path.Combine(Folder, name)]
        )
            start.ArgumentList.Add(argument);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Console.WriteLine(await output);
        Assert.AreEqual(0, process.ExitCode, await output + await error);
        foreach (var word in words)
            StringAssert.Contains(await output, word, StringComparison.Ordinal);
        foreach (var file in files)
            Assert.IsTrue(File.Exists(Path.Combine(folder["artifacts"], "recipes", file)), file);
    }
}
