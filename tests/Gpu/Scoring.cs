using System.Diagnostics;
using BertMl.Onnx;
using Microsoft.ML;

namespace BertMl.Gpu;

/// <summary>Makes vectors of texts on the GPU, in each way there is, and on the processor.</summary>
/// <param name="checkpoint">The model's folder.</param>
internal sealed class Scoring(string checkpoint)
{
    private const int Rows = 20_000;
    private const int Rounds = 3;

    private readonly List<Row> _texts = [.. LabelledRow.Take(Rows).Select(row => new Row { Text = row.Text })];
    private (float[][] Vectors, double Seconds)? _onProcessor;

    /// <param name="checkpoint">The model's folder.</param>
    /// <returns>A check of each way.</returns>
    public static IEnumerable<Check> Checks(string checkpoint)
    {
        var scoring = new Scoring(checkpoint);
        return from precision in Enum.GetValues<CudaPrecision>()
            from fused in (bool[])[false, true]
            from binding in (bool[])[false, true]
            let options = new CudaOptions
            {
                Precision = precision,
                FusedAttention = fused,
                IoBinding = binding,
            }
            select new Check(Name(options), () => scoring.Compare(options));
    }

    private static string Name(CudaOptions options) =>
        $"scoring in {options.Precision}{(options.FusedAttention ? ", fused attention" : "")}{(options.IoBinding ? ", IoBinding" : "")}";

    private string Compare(CudaOptions options)
    {
        var (expected, processorSeconds) = _onProcessor ??= Score(new(seed: 1), "CPUExecutionProvider", rounds: 1);
        var gpu = new MLContext(seed: 1) { GpuDeviceId = 0, FallbackToCpu = false };
        gpu.SetCudaOptions(options);
        var (vectors, seconds) = Score(gpu, "CUDAExecutionProvider", Rounds);
        var largest = expected.Max(vector => vector.Max(Math.Abs));
        var difference = expected.Zip(vectors).Max(pair => pair.First.Zip(pair.Second).Max(values => Math.Abs(values.First - values.Second))) / largest;
        if (!(difference <= LargestDifference(options.Precision)))
            throw new InvalidOperationException(
                $"Vectors differ by {difference:E1} of the largest value, expected at most {LargestDifference(options.Precision):E1}."
            );
        return FormattableString.Invariant(
            $"{Rows / seconds:N0} rows a second, the processor {Rows / processorSeconds:N0}; vectors differ by {difference:E1} of the largest value at most"
        );
    }

    // In float32 ONNX Runtime multiplies in TF32 on the GPU, with 10 bits of mantissa; float16 has as many, bfloat16 7.
    private static double LargestDifference(CudaPrecision precision) => precision == CudaPrecision.BFloat16 ? 5e-2 : 1e-2;

    // The vector of each text, and the least time of several passes after a first one.
    private (float[][] Vectors, double Seconds) Score(MLContext ml, string provider, int rounds)
    {
        var data = ml.Data.LoadFromEnumerable(_texts);
        using var model = ml.Transforms.Text.ApplyBertEmbeddings(checkpoint).Fit(data);
        if (model.ExecutionProvider != provider)
            throw new InvalidOperationException($"It runs on {model.ExecutionProvider}, expected {provider}.");
        var vectors = Pass();
        var least = double.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            Pass();
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return (vectors, least);

        float[][] Pass() => [.. ml.Data.CreateEnumerable<Row>(model.Transform(data), reuseRowObject: false).Select(row => row.Features)];
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
        public float[] Features { get; set; } = [];
    }
}
