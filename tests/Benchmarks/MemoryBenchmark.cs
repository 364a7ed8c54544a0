using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Benchmarks;

/// <summary>Does memory stay flat while many rows are scored?</summary>
internal sealed class MemoryBenchmark : Benchmark
{
    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Folder of a classifier. Default: all-MiniLM-L6-v2 of the shared folder with a new head.",
    };
    private readonly Option<int> _rows = new("--rows") { DefaultValueFactory = _ => 200_000 };
    private readonly Option<int> _maximumLength = new("--maximum-length") { DefaultValueFactory = _ => 128 };

    public MemoryBenchmark()
        : base("memory", "Resident memory over many scored rows (floor: flat within 5 % after warm-up)")
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
        var (scored, warm, greatest) = (0, (Resident: 0L, Managed: 0L), (Resident: 0L, Managed: 0L));
        var clock = Stopwatch.StartNew();
        foreach (var label in transformer.Transform(data).GetColumn<uint>("PredictedLabel"))
        {
            if (++scored % Math.Max(1, rows / 20) != 0)
                continue;
            // Garbage of the texts that are made here, which the collector may leave for later, is no growth: it comes and goes by 20 MB.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var now = (Resident: Environment.WorkingSet, Managed: GC.GetTotalMemory(forceFullCollection: false));
            // The first fifth is warm-up; each thousand rows has all lengths.
            ref var most = ref scored <= rows / 5 ? ref warm : ref greatest;
            most = (Math.Max(most.Resident, now.Resident), Math.Max(most.Managed, now.Managed));
            Console.WriteLine(
                $"{scored, 9} rows {clock.Elapsed.TotalSeconds, 7:F0} s {now.Resident / 1e6, 7:F1} MB resident {now.Managed / 1e6, 7:F1} MB managed"
            );
        }
        Console.WriteLine(
            $"greatest after warm-up / warm-up: resident {(double)greatest.Resident / warm.Resident:F3}, managed {(double)greatest.Managed / warm.Managed:F3}"
        );
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
