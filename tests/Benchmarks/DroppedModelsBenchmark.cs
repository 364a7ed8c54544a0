using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;

namespace BertMl.Benchmarks;

/// <summary>Does memory stay flat while models are loaded, used and dropped without Dispose?</summary>
internal sealed class DroppedModelsBenchmark : Benchmark
{
    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Folder of a classifier. Default: models/bert-mini-dotnet with a new head.",
    };
    private readonly Option<int> _cycles = new("--cycles") { DefaultValueFactory = _ => 300 };

    public DroppedModelsBenchmark()
        : base(
            "dropped-models",
            "Resident memory over many models that are loaded, score a row and are dropped (floor: at its end at most 1.05 times what it was after a fifth)"
        )
    {
        Add(_checkpoint);
        Add(_cycles);
    }

    protected override int Run(ParseResult options)
    {
        using var folder = new ClassifierFolder(options.GetValue(_checkpoint) ?? Path.Combine(Repository.Root, "models", "bert-mini-dotnet"));
        var cycles = options.GetValue(_cycles);
        var zip = Path.Combine(Path.GetTempPath(), $"bertml-{Guid.NewGuid():N}.zip");
        try
        {
            Save(folder.Path, zip);
            var (warm, last, clock) = (0L, 0L, Stopwatch.StartNew());
            for (var cycle = 1; cycle <= cycles; cycle++)
            {
                LoadAndScore(zip);
                if (cycle % Math.Max(1, cycles / 20) != 0)
                    continue;
                for (var i = 0; i < 2; i++)
                {
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    GC.WaitForPendingFinalizers();
                }
                last = Environment.WorkingSet;
                if (cycle <= cycles / 5)
                    warm = last;
                Console.WriteLine(
                    $"{cycle, 5} models {clock.Elapsed.TotalSeconds, 6:F0} s {last / 1e6, 7:F1} MB resident "
                        + $"{GC.GetTotalMemory(forceFullCollection: false) / 1e6, 7:F1} MB managed"
                );
            }
            Console.WriteLine($"at the end / after a fifth: {(double)last / warm:F3}");
        }
        finally
        {
            File.Delete(zip);
        }
        return 0;
    }

    private static void Save(string folder, string zip)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable<PredictionEngineBenchmark.Input>([]);
        using var transformer = context.Transforms.Text.ApplyBertClassification(folder).Fit(data);
        context.Model.SaveAtomically(transformer, data.Schema, zip);
    }

    // Neither model nor engine is disposed.
    private static void LoadAndScore(string zip)
    {
        var context = new MLContext();
        var model = context.Model.Load(zip, out _);
        context
            .Model.CreatePredictionEngine<PredictionEngineBenchmark.Input, PredictionEngineBenchmark.Output>(model)
            .Predict(new() { Text = "The film has its heart in the right place." });
    }
}
