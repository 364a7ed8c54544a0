using System.Diagnostics;
using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace BertMl.Samples;

/// <summary>The whole way of a text classifier: text, training, evaluation, saving, ONNX, and its use in a new process.</summary>
internal sealed class QuickStart(IAnsiConsole console, QuickStartSettings settings)
{
    // Typed into the classifier at the end, where it has learned from the SDK's documentation.
    private static readonly string[] Sentences =
    [
        "Opens a file, reads all lines of it, and then closes the file.",
        "Encrypts data with the public key of the certificate.",
        "Blocks the calling thread until another thread has finished.",
    ];

    private readonly MLContext _ml = new(settings.Seed);

    /// <returns>The exit code: 0 where the classifier has learned something and works in a new process.</returns>
    public int Run(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        Inputs.CheckPaths(settings.Data);
        if (settings.Report is { } reportPath)
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(reportPath))!);
        using var starting = StartingModel.Open(settings);
        var source = settings.Data ?? "the .NET SDK's API documentation";
        var rows = settings.Data is { } file ? LabelledTextFile.Read(file) : SdkDocumentation.SummariesByArea();
        var (training, heldOut) = LabelledTextSplit.Of(rows, settings.Seed, source);
        var classes = rows.DistinctBy(row => row.Label).Count();
        var majority = (double)heldOut.CountBy(row => row.Label).Max(label => label.Value) / heldOut.Count;
        console.MarkupLineInterpolated(
            $"[bold]{rows.Count:N0}[/] texts of [bold]{classes}[/] classes from {source}: {training.Count:N0} to learn from, {heldOut.Count:N0} held out."
        );
        console.MarkupLineInterpolated($"  [dim]\"{training[0].Text}\"[/] is of [bold]{training[0].Label}[/]");
        console.WriteLine();

        // Labels become keys outside of the pipelines, so that the saved model asks for nothing but a text.
        var labels = _ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue).Fit(_ml.Data.LoadFromEnumerable(rows));
        var trainingView = labels.Transform(_ml.Data.LoadFromEnumerable(training));
        var heldOutView = labels.Transform(_ml.Data.LoadFromEnumerable(heldOut));

        var stopwatch = Stopwatch.StartNew();
        console.MarkupLine($"Fitting {Baseline.Name} ...");
        var baselineModel = Baseline.Create(_ml).Fit(trainingView);
        var baselineTime = stopwatch.Elapsed;
        var baseline = Evaluation.Of(_ml, baselineModel, heldOutView);
        cancellationToken.ThrowIfCancellationRequested();

        var startedFrom = StartingModel.Describe(settings);
        console.MarkupLineInterpolated($"Fine-tuning a BERT from {startedFrom} ...");
        using var curves = new TrainingCurves(settings.Output);
        var (model, time, epochs) = TrainingDisplay.Show(
            console,
            display => Pipeline(starting, new Reports(display.Report, curves.Report), cancellationToken).Fit(trainingView)
        );
        using var _ = model;
        var bert = Evaluation.Of(_ml, model, heldOutView);

        console.WriteLine();
        WriteComparison(majority, (Baseline.Name, baseline, baselineTime), ("BertMl", bert, time));
        ConfusionMatrixTable.Write(console, bert.Classes, bert.Metrics.ConfusionMatrix.Counts);

        Directory.CreateDirectory(settings.Output);
        var zip = Path.Combine(settings.Output, "classifier.zip");
        _ml.Model.SaveAtomically(model, trainingView.Schema, zip);
        var onnx = Path.Combine(settings.Output, "classifier.onnx");
        var export = model.OfType<BertClassificationTransformer>().Single().SaveOnnx(onnx);
        console.MarkupLineInterpolated(
            $"Saved [bold]{zip}[/] and [bold]{onnx}[/] (largest difference from an independent computation: {export.LargestDifference:E1})."
        );

        var report = new QuickStartReport
        {
            Data = source,
            StartedFrom = startedFrom,
            Seed = settings.Seed,
            TrainingRows = training.Count,
            HeldOutRows = heldOut.Count,
            Classes = classes,
            MajorityAccuracy = majority,
            Baseline = QuickStartReport.Figures.Of(baseline, baselineTime),
            Bert = QuickStartReport.Figures.Of(bert, time),
            Epochs = epochs,
            OnnxDifference = export.LargestDifference,
            TotalSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
        if (settings.Report is { } path)
            report.Write(path);
        var page = Path.Combine(settings.Output, "report.html");
        QuickStartPage.Save(page, report, bert, curves.CsvPath, zip);
        console.MarkupLineInterpolated($"All of it, with curves and the confusion matrix, is in [bold]{page}[/].");

        console.WriteLine();
        var sentences = settings.Data is null ? Sentences : heldOut.Take(Sentences.Length).Select(row => row.Text);
        var exitCode = NewProcess.Run(["--classify", zip, "--", .. sentences]);
        if (exitCode != 0)
            return exitCode;
        if (bert.Metrics.MicroAccuracy <= majority && settings.Data is null)
            throw new InvalidOperationException("The classifier is no better than always saying the largest class.");
        return 0;
    }

    private IEstimator<TransformerChain<ITransformer>> Pipeline(
        PretrainedModel starting,
        IProgress<TrainingProgress> progress,
        CancellationToken cancellationToken
    ) =>
        new EstimatorChain<ITransformer>()
            .Append<ITransformer>(
                _ml.MulticlassClassification.Trainers.BertClassification(
                    new BertClassificationTrainer.Options
                    {
                        Model = starting,
                        NumberOfEpochs = settings.Epochs,
                        LearningRate = settings.LearningRate,
                        ValidationFraction = 0.05,
                        CalibrateTemperature = true,
                        Progress = progress,
                        CancellationToken = cancellationToken,
                    }
                )
            )
            .Append<ITransformer>(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    private void WriteComparison(double majority, params IReadOnlyList<(string Name, Evaluation Evaluation, TimeSpan Training)> classifiers)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns(
                new TableColumn("Accuracy on held-out texts"),
                new TableColumn("micro").RightAligned(),
                new TableColumn("macro").RightAligned(),
                new TableColumn("log-loss").RightAligned(),
                new TableColumn("training").RightAligned(),
                new TableColumn("scoring").RightAligned()
            );
        table.AddRow("the largest class, always", $"{majority:F4}");
        foreach (var (name, (metrics, _, _, scoring), training) in classifiers)
            table.AddRow(
                name,
                $"[bold]{metrics.MicroAccuracy:F4}[/]",
                $"{metrics.MacroAccuracy:F4}",
                $"{metrics.LogLoss:F4}",
                $"{training.TotalSeconds:F1} s",
                $"{scoring.TotalSeconds:F1} s"
            );
        console.Write(table);
    }
}
