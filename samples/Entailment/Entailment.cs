using System.Diagnostics;
using BertMl.FineTuning;
using BertMl.Metrics;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace BertMl.Samples;

/// <summary>Pairs of texts: does the second follow from the first? Learns, evaluates beside a baseline of common words, saves, and writes a report.</summary>
internal sealed class Entailment(IAnsiConsole console, EntailmentSettings settings)
{
    private readonly MLContext _ml = new(settings.Seed);

    /// <returns>The exit code: 0 where the classifier has learned something.</returns>
    public int Run(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var checkpoint = settings.Checkpoint ?? ShippedModel.Folder;
        Inputs.CheckPaths(settings.Data);
        Inputs.CheckModels(checkpoint);
        var task = settings.Data is { } path
            ? PairTask.Read(_ml, path, settings.Seed)
            : PairTask.OfDocumentation(SdkDocumentation.SummariesWithResults(), settings.Seed, settings.Pairs);
        console.MarkupLineInterpolated(
            $"[bold]{task.Training.Count:N0}[/] pairs to learn from, [bold]{task.HeldOut.Count:N0}[/] held out, from {task.Source}:"
        );
        foreach (var example in task.Training.DistinctBy(row => row.Label).Take(3))
            console.MarkupLineInterpolated($"  [bold]{example.Label}[/] [dim]\"{example.Text}\" - \"{example.Pair}\"[/]");
        console.WriteLine();

        // Labels become keys outside of the pipeline, so that the saved model asks for nothing but two texts.
        var labels = _ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue).Fit(_ml.Data.LoadFromEnumerable(task.Training));
        var heldOut = labels.Transform(_ml.Data.LoadFromEnumerable(task.HeldOut));
        console.MarkupLineInterpolated($"Fine-tuning a BERT from {settings.Checkpoint ?? ShippedModel.Name} ...");
        using var curves = new TrainingCurves(settings.Output);
        var (model, time, _) = TrainingDisplay.Show(
            console,
            display =>
                Pipeline(checkpoint, new Reports(display.Report, curves.Report), cancellationToken)
                    .Fit(labels.Transform(_ml.Data.LoadFromEnumerable(task.Training)))
        );
        using var _ = model;
        var evaluation = Evaluation.Of(_ml, model, heldOut);
        var names = evaluation.Classes;
        int Place(string label) => names.ToList().IndexOf(label);
        int[] truth = [.. task.HeldOut.Select(row => Place(row.Label))];
        var baseline = OverlapBaseline.Learn(task.Training);
        var words = SingleLabelMetrics.Compute(truth, [.. task.HeldOut.Select(row => Place(baseline.Predict(row)))], names);
        var predicted = model.Transform(heldOut).GetColumn<string>("PredictedLabel").Select(Place).ToArray();
        var bert = SingleLabelMetrics.Compute(truth, predicted, names);

        console.WriteLine();
        Write(("words in common", words), ("BertMl", bert));
        console.WriteLine(bert.ToString());
        ConfusionMatrixTable.Write(console, names, evaluation.Metrics.ConfusionMatrix.Counts);

        Directory.CreateDirectory(settings.Output);
        var zip = Path.Combine(settings.Output, "entailment.zip");
        _ml.Model.SaveAtomically(model, heldOut.Schema, zip);
        var folder = Path.Combine(settings.Output, "huggingface");
        model.OfType<BertClassificationTransformer>().Single().SavePretrained(folder);
        var page = Path.Combine(settings.Output, "report.html");
        EntailmentPage.Save(page, new(task, settings, words, bert, evaluation, curves.CsvPath, time, Stopwatch.GetElapsedTime(start)));
        console.MarkupLineInterpolated($"Saved [bold]{zip}[/] and [bold]{folder}[/]; curves and confusion matrix are in [bold]{page}[/].");
        var majority = (double)task.HeldOut.CountBy(row => row.Label, StringComparer.Ordinal).Max(label => label.Value) / task.HeldOut.Count;
        return bert.Accuracy > majority ? 0 : throw new InvalidOperationException("The classifier is no better than always saying the largest class.");
    }

    private IEstimator<TransformerChain<ITransformer>> Pipeline(string checkpoint, IProgress<TrainingProgress> progress, CancellationToken cancellationToken) =>
        new EstimatorChain<ITransformer>()
            .Append<ITransformer>(
                _ml.MulticlassClassification.Trainers.BertClassification(
                    new BertClassificationTrainer.Options
                    {
                        Checkpoint = checkpoint,
                        PairColumnName = nameof(LabelledPair.Pair),
                        NumberOfEpochs = settings.Epochs,
                        LearningRate = settings.LearningRate,
                        ValidationFraction = 0.05,
                        BestEpochMetric = ValidationMetric.MacroF1,
                        Progress = progress,
                        CancellationToken = cancellationToken,
                    }
                )
            )
            .Append<ITransformer>(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    private void Write(params IReadOnlyList<(string Name, SingleLabelMetrics Metrics)> classifiers)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns(
                new TableColumn("On held-out pairs"),
                new TableColumn("accuracy").RightAligned(),
                new TableColumn("macro F1").RightAligned(),
                new TableColumn("Matthews").RightAligned()
            );
        foreach (var (name, metrics) in classifiers)
            table.AddRow(name, $"[bold]{metrics.Accuracy:F4}[/]", $"{metrics.Macro.F1:F4}", $"{metrics.MatthewsCorrelation:F4}");
        console.Write(table);
    }
}
