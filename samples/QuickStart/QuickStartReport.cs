using System.Text.Json;
using BertMl.Training;

namespace BertMl.Samples;

/// <summary>The figures of a run, as <c>--report</c> writes them.</summary>
internal sealed record QuickStartReport
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public required string Data { get; init; }
    public required string StartedFrom { get; init; }
    public required int Seed { get; init; }
    public required int TrainingRows { get; init; }
    public required int HeldOutRows { get; init; }
    public required int Classes { get; init; }
    public required double MajorityAccuracy { get; init; }
    public required Figures Baseline { get; init; }
    public required Figures Bert { get; init; }
    public required IReadOnlyList<EpochMetrics> Epochs { get; init; }

    /// <summary>Largest difference of the ONNX file from an independent computation, relative to the largest output.</summary>
    public required double OnnxDifference { get; init; }
    public required double TotalSeconds { get; init; }

    /// <summary>Of one classifier, on the held-out rows.</summary>
    public sealed record Figures(
        double MicroAccuracy,
        double MacroAccuracy,
        double LogLoss,
        double CalibrationError,
        double TrainingSeconds,
        double ScoringSeconds
    )
    {
        public static Figures Of(Evaluation evaluation, TimeSpan training) =>
            new(
                evaluation.Metrics.MicroAccuracy,
                evaluation.Metrics.MacroAccuracy,
                evaluation.Metrics.LogLoss,
                evaluation.Calibration.ExpectedCalibrationError,
                training.TotalSeconds,
                evaluation.ScoringTime.TotalSeconds
            );
    }

    /// <summary>Writes the figures as JSON.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
}
