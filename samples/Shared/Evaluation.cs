using System.Diagnostics;
using BertMl.Metrics;
using BertMl.Scoring;
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
    /// <summary>How sure it was before its confidence was scaled; null: it was not.</summary>
    public UnscaledConfidence? Unscaled { get; init; }

    /// <summary>Scores and evaluates rows with the column Label, a key.</summary>
    public static Evaluation Of(MLContext ml, ITransformer model, IDataView heldOut)
    {
        var start = Stopwatch.GetTimestamp();
        // Kept in memory, so that the rows are scored once for all metrics.
        var scored = ml.Data.Cache(model.Transform(heldOut), "Label", "PredictedLabel", "Score");
        var metrics = ml.MulticlassClassification.Evaluate(scored);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        var labels = scored.GetColumn<uint>("Label").Select(key => (int)key - 1).ToArray();
        var scores = scored.GetColumn<float[]>("Score").ToArray();
        var temperature = (model as IEnumerable<ITransformer> ?? [model]).OfType<BertClassificationTransformer>().SingleOrDefault()?.Temperature ?? 1;
        return new(metrics, [.. names.DenseValues().Select(label => label.ToString())], CalibrationOf(scores, labels), Stopwatch.GetElapsedTime(start))
        {
            Unscaled = temperature == 1 ? null : UnscaledConfidence.Of(scores, labels, temperature),
        };
    }

    /// <summary>How far the confidence of predictions is from how often they are right.</summary>
    /// <param name="scores">The probabilities of each row.</param>
    /// <param name="labels">The class of each row, from 0.</param>
    public static CalibrationMetrics CalibrationOf(float[][] scores, int[] labels) =>
        CalibrationMetrics.Compute([.. scores.Select(row => row.Max())], [.. scores.Select((row, i) => Array.IndexOf(row, row.Max()) == labels[i])]);
}

/// <summary>The confidence of a classifier at the temperature 1, as it was before temperature scaling (Guo et al. 2017).</summary>
/// <param name="Temperature">The temperature that it has now, found on validation texts and saved with the model.</param>
/// <param name="LogLoss">Log-loss at 1.</param>
/// <param name="Calibration">Confidence against accuracy at 1.</param>
internal sealed record UnscaledConfidence(double Temperature, double LogLoss, CalibrationMetrics Calibration)
{
    /// <summary>From probabilities at a temperature back to those at 1: the logits are their logarithms times the temperature, but for a constant.</summary>
    public static UnscaledConfidence Of(float[][] scores, int[] labels, double temperature)
    {
        var before = scores
            .Select(row =>
                TemperatureScaling.Apply(
                    Array.ConvertAll(row, probability => (float)(temperature * Math.Log(Math.Max(probability, float.Epsilon)))),
                    row.Length,
                    1
                )
            )
            .ToArray();
        var loss = before.Select((row, i) => -Math.Log(Math.Max(row[labels[i]], 1e-15))).Average();
        return new(temperature, loss, Evaluation.CalibrationOf(before, labels));
    }
}
