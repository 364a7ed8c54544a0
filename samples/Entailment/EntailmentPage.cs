using BertMl.Metrics;
using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>What came of a run.</summary>
internal sealed record EntailmentResult(
    PairTask Task,
    EntailmentSettings Settings,
    SingleLabelMetrics Words,
    SingleLabelMetrics Bert,
    Evaluation Evaluation,
    string CurvesPath,
    TimeSpan TrainingTime,
    TimeSpan TotalTime
);

/// <summary>The page that tells what a run did and what came out.</summary>
internal static class EntailmentPage
{
    /// <summary>Writes the page.</summary>
    public static void Save(string path, EntailmentResult result) =>
        new Report("Entailment", $"A BERT learned which of two texts follows from the other, from {result.Task.Source}.")
            .Add(
                "On held-out pairs",
                HtmlFragment.Table(["Classifier", "Accuracy", "Macro F1", "Matthews"], [Row("words in common", result.Words), Row("BertMl", result.Bert)]),
                HtmlFragment.Code(result.Bert.ToString())
            )
            .Add("How it learned", ClassificationFigures.Learning(result.CurvesPath))
            .Add("What it confuses, and how sure it is", ClassificationFigures.Evaluation(result.Evaluation))
            .Add(
                "The run",
                HtmlFragment.Facts(
                    Report.RunFacts.Concat([
                        ("Started from", result.Settings.Checkpoint ?? ShippedModel.Name),
                        ("Seed", $"{result.Settings.Seed}"),
                        ("Pairs to learn from", $"{result.Task.Training.Count:N0}"),
                        ("Held-out pairs", $"{result.Task.HeldOut.Count:N0}"),
                        ("Training", $"{result.TrainingTime.TotalSeconds:F0} s"),
                        ("Time in all", $"{result.TotalTime.TotalSeconds:F0} s"),
                    ])
                )
            )
            .Save(path);

    private static string[] Row(string name, SingleLabelMetrics metrics) =>
        [name, $"{metrics.Accuracy:F4}", $"{metrics.Macro.F1:F4}", $"{metrics.MatthewsCorrelation:F4}"];
}
