using System.Diagnostics;
using Microsoft.ML;
using Spectre.Console;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace BertMl.Samples;

/// <summary>The whole way of a text classifier: text, training, evaluation, saving, ONNX, and its use in a new process.</summary>
internal sealed class QuickStart(IAnsiConsole console, QuickStartSettings settings)
{
    /// <returns>The exit code: 0 where the classifier has learned something.</returns>
    public int Run(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var ml = new MLContext(settings.Seed);

        var rows = settings.Data is { } file ? LabelledTextFile.Read(file) : SdkDocumentation.SummariesByArea();
        var (training, heldOut) = Split(rows);
        var majority = (double)heldOut.CountBy(row => row.Label).Max(label => label.Value) / heldOut.Count;
        console.MarkupLineInterpolated($"[bold]{rows.Count:N0}[/] texts of [bold]{rows.DistinctBy(row => row.Label).Count()}[/] classes from {settings.Data ?? "the .NET SDK's API documentation"}: {training.Count:N0} to learn from, {heldOut.Count:N0} held out.");
        console.MarkupLineInterpolated($"  for example [dim]\"{training[0].Text}\"[/] is [bold]{training[0].Label}[/]");
        console.WriteLine();

        // Labels become keys outside of the pipelines, so that the saved model asks for nothing but a text.
        var labels = ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue).Fit(ml.Data.LoadFromEnumerable(rows));
        var trainingView = labels.Transform(ml.Data.LoadFromEnumerable(training));
        var heldOutView = labels.Transform(ml.Data.LoadFromEnumerable(heldOut));

        console.MarkupLineInterpolated($"Fitting {Baseline.Name} ...");
        var baseline = Evaluation.Of(Baseline.Name, ml, Baseline.Create(ml), trainingView, heldOutView);

        WriteComparison(majority, baseline);
        ConfusionMatrixChart.Write(console, baseline.Classes, baseline.Metrics.ConfusionMatrix.Counts);
        cancellationToken.ThrowIfCancellationRequested();
        console.MarkupLineInterpolated($"Done in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s.");
        return 0;
    }

    // A tenth of the rows, 4,000 at most, is held out.
    private (IReadOnlyList<LabelledText> Training, IReadOnlyList<LabelledText> HeldOut) Split(IReadOnlyList<LabelledText> rows)
    {
        const int minimumRows = 20, maximumHeldOut = 4000;
        if (rows.Count < minimumRows || rows.DistinctBy(row => row.Label).Count() < 2)
            throw new InvalidDataException($"{settings.Data}: expected at least {minimumRows} rows of at least two classes, found {rows.Count} of {rows.DistinctBy(row => row.Label).Count()}.");
        var shuffled = rows.ToArray();
        new Random(settings.Seed).Shuffle(shuffled);
        var heldOut = Math.Min(maximumHeldOut, rows.Count / 10);
        return (shuffled[heldOut..], shuffled[..heldOut]);
    }

    private void WriteComparison(double majority, params IReadOnlyList<Evaluation> evaluations)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumns(new TableColumn("Accuracy on held-out texts"), new TableColumn("micro").RightAligned(), new TableColumn("macro").RightAligned(),
                new TableColumn("log-loss").RightAligned(), new TableColumn("training").RightAligned(), new TableColumn("scoring").RightAligned());
        table.AddRow("the largest class, always", $"{majority:F4}", "", "", "", "");
        foreach (var e in evaluations)
            table.AddRow(e.Name, $"[bold]{e.Metrics.MicroAccuracy:F4}[/]", $"{e.Metrics.MacroAccuracy:F4}", $"{e.Metrics.LogLoss:F4}", $"{e.TrainingTime.TotalSeconds:F1} s", $"{e.ScoringTime.TotalSeconds:F1} s");
        console.Write(table);
    }
}
