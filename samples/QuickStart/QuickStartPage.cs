using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>The page that tells what a run of the quick start did and what came out.</summary>
internal static class QuickStartPage
{
    /// <summary>Writes the page.</summary>
    public static void Save(string path, QuickStartReport report, Evaluation bert, string curvesPath, string modelPath) =>
        new Report(
            "QuickStart",
            $"A BERT from {report.StartedFrom} learned to tell {report.Classes} classes of text from {report.Data}, beside ML.NET's own classifier."
        )
            .Add("Accuracy on held-out texts", Comparison(report))
            .Add("How it learned", ClassificationFigures.Learning(curvesPath))
            .Add("What it confuses, and how sure it is", ClassificationFigures.Evaluation(bert))
            .Add(
                "Use it",
                HtmlFragment.Paragraph("In any program, by ML.NET's own means: mlContext.Model.Load reads the classifier. From the command line:"),
                HtmlFragment.Code($"dotnet run --project samples/QuickStart -c Release -- --classify {modelPath} \"Opens a file.\"")
            )
            .Add(
                "The run",
                HtmlFragment.Facts(
                    Report.RunFacts.Concat([
                        ("Seed", $"{report.Seed}"),
                        ("Texts to learn from", $"{report.TrainingRows:N0}"),
                        ("Held-out texts", $"{report.HeldOutRows:N0}"),
                        ("Epochs", $"{report.Epochs.Count}"),
                        ("Largest difference of the ONNX file", $"{report.OnnxDifference:E1}"),
                        ("Time in all", $"{report.TotalSeconds:F0} s"),
                    ])
                )
            )
            .Save(path);

    private static HtmlFragment Comparison(QuickStartReport report) =>
        HtmlFragment.Table(
            ["Classifier", "Micro", "Macro", "Log-loss", "Calibration error", "Training", "Scoring"],
            [
                ["the largest class, always", $"{report.MajorityAccuracy:F4}", "", "", "", "", ""],
                Row(Baseline.Name, report.Baseline),
                Row("BertMl", report.Bert),
            ]
        );

    private static string[] Row(string name, QuickStartReport.Figures figures) =>
        [
            name,
            $"{figures.MicroAccuracy:F4}",
            $"{figures.MacroAccuracy:F4}",
            $"{figures.LogLoss:F4}",
            $"{figures.CalibrationError:F4}",
            $"{figures.TrainingSeconds:F1} s",
            $"{figures.ScoringSeconds:F1} s",
        ];
}
