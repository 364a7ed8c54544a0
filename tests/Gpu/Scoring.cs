using System.Diagnostics;
using Microsoft.ML;

namespace BertMl.Gpu;

/// <summary>Predicts masked tokens on the GPU and on the processor.</summary>
internal static class Scoring
{
    private const int Rows = 20_000;

    // ONNX Runtime multiplies in TF32 on the GPU, with 10 bits of mantissa.
    private const double LargestDifference = 5e-3;

    public static string Compare()
    {
        var texts = LabelledRow.Take(Rows).Select(row => new Row { Text = $"{row.Text} [MASK]" }).ToList();
        var (onProcessor, processorSeconds) = Score(new(seed: 1), texts, "CPUExecutionProvider");
        var (onGpu, gpuSeconds) = Score(new(seed: 1) { GpuDeviceId = 0, FallbackToCpu = false }, texts, "CUDAExecutionProvider");
        var difference = onProcessor.Zip(onGpu).Max(pair => Math.Abs(pair.First - pair.Second));
        if (!(difference <= LargestDifference))
            throw new InvalidOperationException($"Probabilities differ by {difference:E1}, expected at most {LargestDifference:E1}.");
        return FormattableString.Invariant(
            $"{texts.Count / gpuSeconds:N0} rows a second, the processor {texts.Count / processorSeconds:N0}; probabilities differ by {difference:E1} at most"
        );
    }

    // The largest probability of each text, and the time of a second pass.
    private static (float[] Scores, double Seconds) Score(MLContext ml, IReadOnlyList<Row> texts, string provider)
    {
        var data = ml.Data.LoadFromEnumerable(texts);
        using var model = ml.Transforms.Text.ApplyBertFillMask(Path.Combine(Repository.Root, "models", "bert-mini-dotnet"), new() { TopK = 1 }).Fit(data);
        if (model.ExecutionProvider != provider)
            throw new InvalidOperationException($"It runs on {model.ExecutionProvider}, expected {provider}.");
        Pass();
        var start = Stopwatch.GetTimestamp();
        var scores = Pass();
        return (scores, Stopwatch.GetElapsedTime(start).TotalSeconds);

        float[] Pass() => [.. ml.Data.CreateEnumerable<Row>(model.Transform(data), reuseRowObject: false).Select(row => row.Score[0])];
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
        public float[] Score { get; set; } = [];
    }
}
