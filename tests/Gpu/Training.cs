using System.Diagnostics;
using BertMl.FineTuning;
using BertMl.Samples;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.Gpu;

/// <summary>Fine-tunes on the GPU and on the processor: the same data, order and initial weights.</summary>
internal static class Training
{
    private const int Rows = 2_000;

    // Dropout differs from device to device, so the losses of an epoch agree only about so much.
    private const double LargestDifference = 0.1;

    public static string Compare(string checkpoint)
    {
        var rows = LabelledRow.Take(Rows);
        var (onProcessor, processorSeconds) = Train(new(seed: 1), checkpoint, rows);
        var (onGpu, gpuSeconds) = Train(new(seed: 1) { GpuDeviceId = 0, FallbackToCpu = false }, checkpoint, rows);
        var difference = Math.Abs(onProcessor - onGpu) / onProcessor;
        if (!(difference <= LargestDifference))
            throw new InvalidOperationException($"The loss is {onGpu:F4} on the GPU and {onProcessor:F4} on the processor.");
        return FormattableString.Invariant(
            $"{rows.Count / gpuSeconds:N0} rows a second, the processor {rows.Count / processorSeconds:N0}; loss {onGpu:F4}, the processor {onProcessor:F4}"
        );
    }

    // The training loss of the only epoch, and its time.
    private static (double Loss, double Seconds) Train(MLContext ml, string checkpoint, IReadOnlyList<LabelledRow> rows)
    {
        double loss = double.NaN;
        var data = ml.Data.LoadFromEnumerable(rows);
        data = ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        var options = new BertClassificationTrainer.Options
        {
            Checkpoint = checkpoint,
            NumberOfEpochs = 1,
            LearningRate = 5e-4,
            Precision = TrainingPrecision.Float32,
            Progress = new Reports(progress => loss = progress.Metrics?.TrainingLoss ?? loss),
        };
        var start = Stopwatch.GetTimestamp();
        ml.MulticlassClassification.Trainers.BertClassification(options).Fit(data).Dispose();
        return (loss, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
