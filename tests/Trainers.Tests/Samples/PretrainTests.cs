using System.Diagnostics;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Pretraining;

namespace BertMl.Samples;

/// <summary>samples/Pretrain as a process: other architectures than BERT, each with a vocabulary of its kind.</summary>
[TestClass]
public sealed class PretrainTests
{
    [TestMethod]
    [DataRow("Gpt2", "gpt2", "CausalLM", "text-generation")]
    [DataRow("Roberta", "roberta", "MaskedLM", "fill-mask")]
    [DataRow("Albert", "albert", "MaskedLM", "fill-mask")]
    public void It_pretrains_another_architecture_from_text_to_model_card(string architecture, string modelType, string head, string tag)
    {
        using var corpus = new TestCorpus();
        var text = corpus.WriteDocuments("corpus.txt", 200, new Random(1));
        var arguments =
            $"--texts {text} --output {corpus.Path("model")} --held-out 10 --architecture {architecture} --layers 1 --hidden 32 --heads 2 --max-length 24";
        arguments += $" --vocabulary-size {(architecture == "Albert" ? 60 : 300)} --batch-size 8 --steps 20 --layout Packed";
        var (exitCode, output, _) = Run(arguments);
        Assert.AreEqual(0, exitCode, output);
        using var model = PretrainedModel.Load(corpus.Path("model"));
        Assert.AreEqual((modelType, HeadNames.Find(head)), (model.Config.Architecture.ModelType, model.Head));
        Assert.AreEqual(24, model.Config.MaximumLength);
        Assert.Contains($"pipeline_tag: {tag}", File.ReadAllText(Path.Combine(corpus.Path("model"), "README.md")));
    }

    [TestMethod]
    [DataRow("--texts {0}", "no file or folder")]
    [DataRow("--sdk-documentation --checkpoint {0}", "")]
    public void A_path_where_nothing_is_is_one_error_line_before_anything_is_written(string arguments, string expected)
    {
        using var folder = new TemporaryFolder();
        var missing = folder["missing"];
        var (exitCode, _, error) = Run($"{string.Format(null, arguments, missing)} --output {folder["model"]} --steps 1");
        Assert.AreEqual(1, exitCode);
        Assert.StartsWith("error: ", error);
        Assert.Contains(expected, error);
        Assert.Contains(missing, error);
        Assert.HasCount(1, error.Trim().Split('\n'));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static (int ExitCode, string Output, string Error) Run(string arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", arguments.Split(' ').Prepend(Path.Combine(AppContext.BaseDirectory, "Pretrain.dll")))
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
