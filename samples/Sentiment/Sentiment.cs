using BertMl.FineTuning;
using BertMl.Pages;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace BertMl.Samples;

/// <summary>Sentiment of sentences: fine-tunes, keeps the best epoch on the development set, saves it in three forms, and uses it.</summary>
internal sealed class Sentiment(IAnsiConsole console, SentimentSettings settings)
{
    private readonly MLContext _ml = new(settings.Seed);

    /// <returns>The exit code.</returns>
    public int Run(CancellationToken cancellationToken)
    {
        Inputs.CheckPaths(settings.Data);
        Inputs.CheckModels(settings.Checkpoint);
        var training = Read("train.tsv");
        var development = Read("dev.tsv");
        if (settings.Rows is { } rows)
            training = [.. training.Take(rows)];
        console.MarkupLineInterpolated(
            $"[bold]{training.Count:N0}[/] sentences to learn from, [bold]{development.Count:N0}[/] to validate on; from {settings.Checkpoint}."
        );

        var labels = _ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue).Fit(_ml.Data.LoadFromEnumerable(training));
        var trainingView = labels.Transform(_ml.Data.LoadFromEnumerable(training));
        var developmentView = labels.Transform(_ml.Data.LoadFromEnumerable(development));

        using var curves = new TrainingCurves(settings.Output);
        var (model, time, epochs) = TrainingDisplay.Show(
            console,
            display =>
                new EstimatorChain<ITransformer>()
                    .Append<ITransformer>(
                        _ml.MulticlassClassification.Trainers.BertClassification(
                            new BertClassificationTrainer.Options
                            {
                                Checkpoint = settings.Checkpoint,
                                ValidationSet = developmentView,
                                CalibrateTemperature = true,
                                NumberOfEpochs = settings.Epochs,
                                LearningRate = settings.LearningRate,
                                BatchSize = settings.BatchSize,
                                MaximumLength = settings.MaximumLength,
                                WeightDecay = 0.01,
                                WarmupRatio = 0.1,
                                MaximumGradientNorm = 1,
                                Precision = settings.Precision,
                                Progress = new Reports(display.Report, curves.Report),
                                CancellationToken = cancellationToken,
                            }
                        )
                    )
                    .Append<ITransformer>(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
                    .Fit(trainingView)
        );
        using var _ = model;
        var evaluation = Evaluation.Of(_ml, model, developmentView);
        var (best, metrics) = (epochs.Last(epoch => epoch.IsBest).Epoch, evaluation.Metrics);
        console.MarkupInterpolated($"Trained in {time.TotalSeconds:F0} s; the best epoch is {best}, saved and scored by ONNX Runtime: ");
        console.MarkupLineInterpolated(
            $"accuracy [bold]{metrics.MicroAccuracy:P2}[/], log-loss {metrics.LogLoss:F4}, in {evaluation.ScoringTime.TotalSeconds:F1} s."
        );

        var zip = Save(model, trainingView.Schema);
        var page = Path.Combine(settings.Output, "report.html");
        new Report("Sentiment", $"A BERT from {settings.Checkpoint}, fine-tuned on {training.Count:N0} sentences.")
            .Add("Run", HtmlFragment.Facts(Report.RunFacts))
            .Add("Learning", ClassificationFigures.Learning(curves.CsvPath))
            .Add(
                $"Development set of {development.Count:N0} sentences",
                HtmlFragment.Concat(
                    HtmlFragment.Paragraph(
                        "Epoch and temperature were chosen on these very sentences, for GLUE keeps the labels of its test set. "
                            + "On others the figures are a little worse."
                    ),
                    ClassificationFigures.Evaluation(evaluation)
                )
            )
            .Save(page);
        console.MarkupLineInterpolated($"Curves and confusion matrix are in [bold]{page}[/].");
        return SentenceClassification.Run(console, zip, settings.Sentences);
    }

    private IReadOnlyList<LabelledText> Read(string name) =>
        [.. LabelledTextFile.Read(Path.Combine(settings.Data, name)).Select(row => new LabelledText { Text = row.Text, Label = NameOf(row.Label) })];

    private static string NameOf(string label) =>
        label switch
        {
            "0" => "negative",
            "1" => "positive",
            _ => throw new InvalidDataException($"SST-2 has the labels 0 and 1, not '{label}'."),
        };

    private string Save(TransformerChain<ITransformer> model, DataViewSchema schema)
    {
        Directory.CreateDirectory(settings.Output);
        var zip = Path.Combine(settings.Output, "sentiment.zip");
        _ml.Model.SaveAtomically(model, schema, zip);
        var bert = model.OfType<BertClassificationTransformer>().Single();
        var onnx = Path.Combine(settings.Output, "sentiment.onnx");
        var export = bert.SaveOnnx(onnx);
        var folder = Path.Combine(settings.Output, "huggingface");
        bert.SavePretrained(folder);
        console.MarkupLineInterpolated(
            $"Saved {zip}, {onnx} (largest difference from an independent computation: {export.LargestDifference:E1}) and {folder}."
        );
        return zip;
    }
}
