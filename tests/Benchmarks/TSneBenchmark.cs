using System.CommandLine;
using System.Diagnostics;
using BertMl.EmbeddingMaps;

namespace BertMl.Benchmarks;

/// <summary>How long does a map of many vectors take?</summary>
internal sealed class TSneBenchmark : Benchmark
{
    private readonly Option<int> _rows = new("--rows") { DefaultValueFactory = _ => 10_000 };
    private readonly Option<int> _size = new("--size") { DefaultValueFactory = _ => 384 };

    public TSneBenchmark()
        : base("tsne", "t-SNE of vectors about ten centres, with the options' defaults (floor: 10,000 x 384 in 60 s on two cores)")
    {
        Add(_rows);
        Add(_size);
    }

    protected override int Run(ParseResult options)
    {
        var (rows, size) = (options.GetValue(_rows), options.GetValue(_size));
        var random = new Random(1);
        var centres = Vectors(10, () => 2 * random.NextDouble());
        var vectors = Vectors(rows, () => 3 * random.NextDouble(), centres);
        var (start, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var map = TSne.Fit(vectors);
        var (time, processorTime) = (Stopwatch.GetElapsedTime(start), Environment.CpuUsage.TotalTime - processor);
        Console.WriteLine($"{rows} x {size}: {time.TotalSeconds:F1} s, of the processors {processorTime.TotalSeconds:F1} s; divergence {map.KlDivergence:F4}");
        return 0;

        List<float[]> Vectors(int count, Func<double> noise, List<float[]>? around = null) =>
            [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, size).Select(j => (float)noise() + (around?[i % around.Count][j] ?? 0)).ToArray())];
    }
}
