using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BertMl.Pretraining;
using BertMl.Samples;
using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Benchmarks;

/// <summary>
/// Bits a character of a GPT-2 that samples/Pretrain made of the SDK's documentation, on the documents that it held out; and of one that Hugging Face trains on
/// the same text, with the same vocabulary, in so many minutes (peers/hf_clm.py).
/// </summary>
internal sealed class CausalPretrainingBenchmark : Benchmark
{
    private const int HeldOut = 50;
    private readonly Option<string> _model = new("--model") { DefaultValueFactory = _ => Path.Combine(Repository.Root, "models", "gpt-mini-dotnet") };
    private readonly Option<double> _minutes = new("--minutes") { DefaultValueFactory = _ => 10, Description = "Minutes that the peer trains for." };
    private readonly Option<int> _batch = new("--batch") { DefaultValueFactory = _ => 16, Description = "Rows of a batch of the peer." };
    private readonly Option<bool> _alone = new("--alone") { Description = "Without the peer." };

    public CausalPretrainingBenchmark()
        : base("causal-pretraining", "bits a character of models/gpt-mini-dotnet, against Hugging Face's GPT-2 (floor: within 10 %)")
    {
        Add(_model);
        Add(_minutes);
        Add(_batch);
        Add(_alone);
    }

    protected override int Run(ParseResult options)
    {
        var folder = options.GetValue(_model)!;
        var texts = SdkDocumentation.TextsByType().ToList();
        var ml = new MLContext(seed: 1);
        var (training, heldOut) = (texts.Where(row => row.Document % HeldOut != 0).ToList(), texts.Where(row => row.Document % HeldOut == 0).ToList());
        var metrics = ml.Transforms.Text.EvaluateBertPretraining(CorpusRow.Load(ml, heldOut), new() { Checkpoint = folder, Sequences = SequenceLayout.Packed });
        var tokenizer = PretrainedTokenizer.Load(folder);
        var ours = BitsPerCharacter.Of(metrics, tokenizer, heldOut.Select(row => row.Text), heldOut.Count);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"BertMl: loss {metrics.Loss:F4}, {ours:F4} bits a character of {heldOut.Count:N0} held-out lines")
        );
        if (options.GetValue(_alone))
            return 0;
        using var temporary = new TemporaryFolder();
        File.WriteAllLines(temporary["train.txt"], training.Select(row => row.Text));
        File.WriteAllLines(temporary["test.txt"], heldOut.Select(row => row.Text));
        try
        {
            var line = SharedFolder
                .RunPeer(
                    "hf_clm.py",
                    "--tokenizer",
                    folder,
                    "--train",
                    temporary["train.txt"],
                    "--test",
                    temporary["test.txt"],
                    "--batch",
                    options.GetValue(_batch).ToString(CultureInfo.InvariantCulture),
                    "--minutes",
                    options.GetValue(_minutes).ToString(CultureInfo.InvariantCulture)
                )
                .Split('\n')
                .Last(text => text.StartsWith('{'));
            using var json = JsonDocument.Parse(line);
            var theirs = json.RootElement.GetProperty("bits_per_char").GetDouble();
            Console.WriteLine($"Hugging Face: {line}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ours / theirs:F3} of its bits a character"));
        }
        catch (FileNotFoundException e)
        {
            Console.WriteLine($"No comparison: {e.Message}");
        }
        return 0;
    }
}
