using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Benchmarks;

/// <summary>Text to label, a whole file of sentences: BertMl's transformer beside Python's ONNX Runtime on our plain export, and PyTorch.</summary>
internal sealed class ScoringBenchmark : Benchmark
{
    private const int MaximumLength = 128;

    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Folder of a classifier. Default: all-MiniLM-L6-v2 of the shared folder with a new head.",
    };
    private readonly Option<string?> _texts = new("--texts") { Description = "GLUE TSV: sentence, label. Default: SST-2's dev set of the shared folder." };
    private readonly Option<int> _rounds = new("--rounds")
    {
        DefaultValueFactory = _ => 3,
        Description = "How often each is measured, in turn; the best of three passes each time.",
    };
    private readonly Option<int[]> _batches = new("--peer-batches")
    {
        DefaultValueFactory = _ => [8, 32],
        AllowMultipleArgumentsPerToken = true,
        Description = "Batch sizes of the peers; their best counts.",
    };
    private readonly Option<bool> _torch = new("--torch") { Description = "Measure PyTorch too." };

    public ScoringBenchmark()
        : base("scoring", "Text to label beside Python's ONNX Runtime on the plain export (floor: 1.1 times as fast) and PyTorch")
    {
        Add(_checkpoint);
        Add(_texts);
        Add(_rounds);
        Add(_batches);
        Add(_torch);
    }

    protected override int Run(ParseResult options)
    {
        using var folder = new ClassifierFolder(options.GetValue(_checkpoint));
        var path = options.GetValue(_texts) ?? SharedFolder.Find("data", "sst2", "dev.tsv");
        var texts = File.ReadLines(path).Skip(1).Select(line => new PredictionEngineBenchmark.Input { Text = line[..line.LastIndexOf('\t')] }).ToArray();
        var export = Path.Combine(folder.Path, "plain.onnx");
        using (var model = PretrainedModel.Load(folder.Path))
            model.SaveOnnx(export);
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(texts);
        using var transformer = context.Transforms.Text.ApplyBertClassification(folder.Path, maximumLength: MaximumLength).Fit(data);
        double Ours() => texts.Length / Best(3, () => _ = transformer.Transform(data).GetColumn<uint>("PredictedLabel").Count());
        double Peer(string engine) => options.GetValue(_batches)!.Max(batch => RowsPerSecond(engine, folder.Path, path, export, batch));

        _ = Ours();
        List<double> ours = [],
            runtime = [],
            torch = [];
        for (var round = 0; round < options.GetValue(_rounds); round++)
        {
            ours.Add(Ours());
            runtime.Add(Peer("ort"));
            if (options.GetValue(_torch))
                torch.Add(Peer("torch"));
            Console.WriteLine(
                $"round {round + 1}: BertMl {ours[^1]:F0} rows/s, Python's ONNX Runtime {runtime[^1]:F0}{(torch.Count > 0 ? $", PyTorch {torch[^1]:F0}" : "")}"
            );
        }
        Report("Python's ONNX Runtime", ours, runtime);
        if (torch.Count > 0)
            Report("PyTorch", ours, torch);
        return 0;
    }

    private static void Report(string peer, IEnumerable<double> ours, IEnumerable<double> theirs) =>
        Console.WriteLine(
            $"BertMl {PairedRuns.Median(ours):F0} rows/s, {peer} {PairedRuns.Median(theirs):F0}: "
                + $"{PairedRuns.Median(ours.Zip(theirs, (a, b) => a / b)):F2} times as fast"
        );

    private static double RowsPerSecond(string engine, string model, string texts, string onnx, int batch)
    {
        var output = SharedFolder.RunPeer(
            "hf_score.py",
            "--model",
            model,
            "--texts",
            texts,
            "--engine",
            engine,
            "--onnx",
            onnx,
            "--batch",
            batch.ToString(CultureInfo.InvariantCulture),
            "--max-length",
            MaximumLength.ToString(CultureInfo.InvariantCulture),
            "--threads",
            Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)
        );
        using var json = JsonDocument.Parse(output.Trim().Split('\n')[^1]);
        return json.RootElement.GetProperty("rows_per_s").GetDouble();
    }

    private static double Best(int times, Action action)
    {
        var best = double.PositiveInfinity;
        for (var i = 0; i < times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
