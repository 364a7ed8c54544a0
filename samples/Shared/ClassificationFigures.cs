using BertMl.Charts;
using BertMl.Metrics;
using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>What a report shows of a classifier.</summary>
internal static class ClassificationFigures
{
    /// <summary>Loss over the steps of its training.</summary>
    /// <param name="curvesPath">curves.csv of the training.</param>
    public static HtmlFragment Learning(string curvesPath)
    {
        Curve[] losses = [Curve.FromCsv(curvesPath, "loss", "training").Smooth(), Curve.FromCsv(curvesPath, "validation_loss", "validation")];
        return new CurveChart("Loss while it learned", "step", "loss", losses).ToHtml(
            "Lower is better. Where the training loss goes on falling and the validation loss does not, the classifier learns its texts by heart."
        );
    }

    /// <summary>Which classes it takes for which, and how sure it is.</summary>
    public static HtmlFragment Evaluation(Evaluation evaluation)
    {
        var counts = evaluation.Metrics.ConfusionMatrix.Counts;
        var pairs = ConfusedPair.MostFrequent(evaluation.Classes, counts);
        return HtmlFragment.Concat(
            new ConfusionMatrixChart("Confusion matrix", evaluation.Classes, counts).ToHtml(
                "A row is a true class, a column a predicted one. The darker a cell, the greater its part of the row."
            ),
            HtmlFragment.Heading("Most often confused"),
            HtmlFragment.Table(
                ["True", "Predicted", "Texts", "Of all with this true class"],
                [.. pairs.Select(pair => new[] { pair.True, pair.Predicted, $"{pair.Count}", $"{pair.Total}" })]
            ),
            Confidence(evaluation)
        );
    }

    // How sure it is; and where its confidence was scaled, before that too.
    private static HtmlFragment Confidence(Evaluation evaluation)
    {
        var diagram = new ReliabilityDiagram("Confidence", evaluation.Calibration).ToHtml(
            "Where a bar ends at the dashed line, the classifier is right as often as its confidence says. Below the line it is too sure of itself."
        );
        if (evaluation.Unscaled is not { } before)
            return HtmlFragment.Concat(HtmlFragment.Heading("Confidence"), diagram);
        return HtmlFragment.Concat(
            HtmlFragment.Heading("Confidence"),
            HtmlFragment.Table(
                ["Temperature", "Accuracy", "Log-loss", "Expected calibration error"],
                [
                    Row("1", before.LogLoss, before.Calibration),
                    Row($"{before.Temperature:F3}, found on validation texts and saved", evaluation.Metrics.LogLoss, evaluation.Calibration),
                ]
            ),
            new ReliabilityDiagram("Confidence, at the temperature 1", before.Calibration).ToHtml("Before temperature scaling."),
            diagram,
            HtmlFragment.Paragraph(
                "The temperature divides the logits before the softmax: it changes how confident the classifier is, and no predicted label. "
                    + "It was chosen to make the log-loss of the validation texts lowest; on other texts the log-loss may be a little higher than before."
            )
        );

        string[] Row(string temperature, double logLoss, CalibrationMetrics calibration) =>
            [temperature, $"{evaluation.Metrics.MicroAccuracy:P2}", $"{logLoss:F4}", $"{calibration.ExpectedCalibrationError:F4}"];
    }
}
