using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Samples;

/// <summary>What came of a classifier on rows that it has not seen.</summary>
/// <param name="Metrics">ML.NET's metrics.</param>
/// <param name="Classes">Names of the classes, in the order of the confusion matrix.</param>
/// <param name="ScoringTime">Time from texts to metrics.</param>
internal sealed record Evaluation(MulticlassClassificationMetrics Metrics, IReadOnlyList<string> Classes, TimeSpan ScoringTime)
{
    /// <summary>Scores and evaluates rows with the column Label, a key.</summary>
    public static Evaluation Of(MLContext ml, ITransformer model, IDataView heldOut)
    {
        var start = Stopwatch.GetTimestamp();
        var scored = model.Transform(heldOut);
        var metrics = ml.MulticlassClassification.Evaluate(scored);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        return new(metrics, [.. names.DenseValues().Select(label => label.ToString())], Stopwatch.GetElapsedTime(start));
    }
}
