using BertMl.Charts;
using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>How fine-tuning learns.</summary>
internal sealed class FineTuningSection()
    : Section(
        "21.4",
        "fine-tuning",
        "Fine-tuning",
        "A new layer on [CLS] and some epochs on labelled texts make the model a classifier. Does it learn, and does it learn by heart?"
    )
{
    public override IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken)
    {
        var (evaluation, epochs, curves) = context.Train(cancellationToken);
        yield return HtmlFragment.Facts([
            ("Texts to learn from", $"{context.Split.Training.Count:N0}"),
            ("Held-out texts", $"{context.Split.HeldOut.Count:N0}"),
            ("Classes", $"{evaluation.Classes.Count}"),
            ("Accuracy on held-out texts", $"{evaluation.Metrics.MicroAccuracy:P2}"),
            ("Expected calibration error", $"{evaluation.Calibration.ExpectedCalibrationError:F4}"),
        ]);
        yield return HtmlFragment.Table(
            ["Epoch", "Training loss", "Training accuracy", "Validation loss", "Validation accuracy", "Kept"],
            [
                .. epochs.Select(epoch =>
                    new[]
                    {
                        $"{epoch.Epoch}",
                        $"{epoch.TrainingLoss:F4}",
                        $"{epoch.TrainingAccuracy:P2}",
                        $"{epoch.ValidationLoss:F4}",
                        $"{epoch.ValidationAccuracy:P2}",
                        epoch.IsBest ? "best so far" : "",
                    }
                ),
            ]
        );
        yield return new CurveChart(
            "Accuracy an epoch",
            "epoch",
            "accuracy",
            [
                new("training", [.. epochs.Select(epoch => (double)epoch.Epoch)], [.. epochs.Select(epoch => epoch.TrainingAccuracy ?? 0)]),
                new("validation", [.. epochs.Select(epoch => (double)epoch.Epoch)], [.. epochs.Select(epoch => epoch.ValidationAccuracy ?? 0)]),
            ]
        ).ToHtml("Training accuracy is measured during the epoch, with dropout; so at first it is below the accuracy on validation texts.");
        yield return ClassificationFigures.Learning(curves);
        yield return ClassificationFigures.Evaluation(evaluation);
    }
}
