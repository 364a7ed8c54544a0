using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Benchmarks;

/// <summary>Does memory stay flat while many rows are scored?</summary>
internal sealed class MemoryBenchmark : Benchmark
{
    private readonly Option<string?> _checkpoint = new("--checkpoint") { Description = "Folder of a classifier. Default: all-MiniLM-L6-v2 of the shared folder with a new head." };
    private readonly Option<int> _rows = new("--rows") { DefaultValueFactory = _ => 200_000 };
    private readonly Option<int> _maximumLength = new("--maximum-length") { DefaultValueFactory = _ => 128 };

    public MemoryBenchmark() : base("memory", "Resident memory over many scored rows (floor: flat within 5 % after warm-up)")
    {
        Add(_checkpoint);
        Add(_rows);
        Add(_maximumLength);
    }

    protected override int Run(ParseResult options)
    {
        using var folder = new ClassifierFolder(options.GetValue(_checkpoint));
        var rows = options.GetValue(_rows);
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Texts(rows));
        using var transformer = context.Transforms.Text.ApplyBertClassification(folder.Path, maximumLength: options.GetValue(_maximumLength)).Fit(data);
        using var process = Process.GetCurrentProcess();
        var (scored, warm, greatest) = (0, 0L, 0L);
        var clock = Stopwatch.StartNew();
        foreach (var label in transformer.Transform(data).GetColumn<uint>("PredictedLabel"))
        {
            if (++scored % Math.Max(1, rows / 20) != 0)
                continue;
            process.Refresh();
            var resident = process.WorkingSet64;
            // The first fifth is warm-up.
            if (scored <= rows / 5)
                warm = Math.Max(warm, resident);
            else
                greatest = Math.Max(greatest, resident);
            Console.WriteLine($"{scored,9} rows {clock.Elapsed.TotalSeconds,7:F0} s {resident / 1e6,7:F0} MB resident {GC.GetTotalMemory(forceFullCollection: false) / 1e6,7:F1} MB managed");
        }
        Console.WriteLine($"greatest after warm-up / warm-up: {(double)greatest / warm:F3}");
        return 0;
    }

    // Lengths differ from row to row, some are cut.
    private static IEnumerable<PredictionEngineBenchmark.Input> Texts(int count)
    {
        string[] words = ["the", "film", "has", "its", "heart", "in", "right", "place", "unwatchable", "tedious", ",", "."];
        var random = new Random(3);
        for (var i = 0; i < count; i++)
            yield return new() { Text = string.Join(' ', random.GetItems(words, i % 1000 == 0 ? 20_000 : random.Next(1, 30))) };
    }
}
