using System.Diagnostics;
using BertMl.Checkpoints;
using BertMl.FineTuning;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace BertMl.Samples;

/// <summary>Labels told by a model that has learned them: a BERT by its first token, a GPT-2 by its last.</summary>
internal static class FineTunedWay
{
    // What small models learn well by would be too much for large ones.
    private const int SmallWidth = 256;
    private const double RateOfLargeModels = 2e-5;

    /// <summary>Fine-tunes and scores the test texts.</summary>
    public static (string[] Predictions, TimeSpan Scoring, TimeSpan Training) Run(
        IAnsiConsole console,
        MLContext ml,
        VersusTask task,
        VersusSettings settings,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var training = ml.Data.LoadFromEnumerable(task.Training);
        var test = ml.Data.LoadFromEnumerable(task.Test);
        using var start = PretrainedModel.Load(folder);
        var rate = settings.LearningRate ?? (start.Config.HiddenSize <= SmallWidth ? VersusSettings.RateOfSmallModels : RateOfLargeModels);
        var (model, time, _) = TrainingDisplay.Show(
            console,
            display =>
                new EstimatorChain<ITransformer>()
                    .Append<ITransformer>(ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue))
                    .Append<ITransformer>(
                        ml.MulticlassClassification.Trainers.BertClassification(
                            new BertClassificationTrainer.Options
                            {
                                Model = start,
                                NumberOfEpochs = settings.Epochs,
                                LearningRate = rate,
                                MaximumLength = Math.Min(settings.MaximumLength, start.Config.MaximumLength),
                                Progress = display,
                                CancellationToken = cancellationToken,
                            }
                        )
                    )
                    .Append<ITransformer>(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
                    .Fit(training)
        );
        using var _ = model;
        var watch = Stopwatch.StartNew();
        string[] predictions = [.. ml.Data.CreateEnumerable<Predicted>(model.Transform(test), reuseRowObject: false).Select(row => row.PredictedLabel)];
        return (predictions, watch.Elapsed, time);
    }

    private sealed class Predicted
    {
        public string PredictedLabel { get; set; } = "";
    }
}
