using System.Diagnostics;
using BertMl.Metrics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Samples;

/// <summary>What came of a classifier on rows that it has not seen.</summary>
/// <param name="Metrics">ML.NET's metrics.</param>
/// <param name="Classes">Names of the classes, in the order of the confusion matrix.</param>
/// <param name="Calibration">How far its confidence is from how often it is right.</param>
/// <param name="ScoringTime">Time from texts to metrics.</param>
internal sealed record Evaluation(MulticlassClassificationMetrics Metrics, IReadOnlyList<string> Classes, CalibrationMetrics Calibration, TimeSpan ScoringTime)
{
    /// <summary>Scores and evaluates rows with the column Label, a key.</summary>
    public static Evaluation Of(MLContext ml, ITransformer model, IDataView heldOut)
    {
        var start = Stopwatch.GetTimestamp();
        // Kept in memory, so that the rows are scored once for all metrics.
        var scored = ml.Data.Cache(model.Transform(heldOut), "Label", "PredictedLabel", "Score");
        var metrics = ml.MulticlassClassification.Evaluate(scored);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        return new(metrics, [.. names.DenseValues().Select(label => label.ToString())], CalibrationOf(scored), Stopwatch.GetElapsedTime(start));
    }

    // Keys count from 1.
    private static CalibrationMetrics CalibrationOf(IDataView scored)
    {
        var labels = scored.GetColumn<uint>("Label").ToList();
        var scores = scored.GetColumn<float[]>("Score").ToList();
        float[] confidences = [.. scores.Select(row => row.Max())];
        bool[] correct = [.. scores.Select((row, i) => Array.IndexOf(row, confidences[i]) + 1 == labels[i])];
        return CalibrationMetrics.Compute(confidences, correct);
    }
}
