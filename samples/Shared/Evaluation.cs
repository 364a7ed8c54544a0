using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Samples;

/// <summary>A classifier that was fitted, and what came of it on the held-out rows.</summary>
internal sealed record Evaluation(string Name, TransformerChain<ITransformer> Model, MulticlassClassificationMetrics Metrics, IReadOnlyList<string> Classes, TimeSpan TrainingTime, TimeSpan ScoringTime)
{
    /// <summary>Fits a pipeline that makes the columns Label (key), Score and PredictedLabel, and evaluates it.</summary>
    public static Evaluation Of(string name, MLContext ml, IEstimator<TransformerChain<ITransformer>> pipeline, IDataView training, IDataView heldOut)
    {
        var start = Stopwatch.GetTimestamp();
        var model = pipeline.Fit(training);
        var trainingTime = Stopwatch.GetElapsedTime(start);

        start = Stopwatch.GetTimestamp();
        var scored = model.Transform(heldOut);
        var metrics = ml.MulticlassClassification.Evaluate(scored);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        return new(name, model, metrics, [.. names.DenseValues().Select(label => label.ToString())], trainingTime, Stopwatch.GetElapsedTime(start));
    }
}
