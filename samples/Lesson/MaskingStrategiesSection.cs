using System.Globalization;
using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>Which masking pretrains best, in short: the sample MaskingStrategies with a few rows and steps.</summary>
internal sealed class MaskingStrategiesSection()
    : Section(
        "E21.2",
        "strategies",
        "Masking strategies, in short",
        "Three small BERTs learn from the same text, each with another masking. Which one predicts best where all are tested with the same masking?"
    )
{
    private static readonly string[] Rows = [.. Variant.All.Where(variant => variant.Masking is not null).Take(3).Select(variant => variant.Name)];

    public override IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken)
    {
        var settings = new ExperimentSettings
        {
            Only = Rows,
            Steps = context.Settings.Steps,
            ValidationSteps = Math.Max(1, context.Settings.Steps / 4),
            Output = Path.Combine(context.Settings.Output, "masking-strategies"),
            FineTuningEpochs = 1,
        };
        new Experiment(context.Console, settings).Run(
            [.. SdkDocumentation.TextsByType()],
            [.. context.Split.Training, .. context.Split.HeldOut],
            cancellationToken
        );
        var lines = File.ReadLines(Directory.GetFiles(settings.Output, "results.csv").Single()).Select(line => line.Split(',')).ToList();
        string Text(string[] line, string column, double factor, string format) =>
            (factor * double.Parse(line[Array.IndexOf(lines[0], column)], CultureInfo.InvariantCulture)).ToString(format, CultureInfo.InvariantCulture);
        yield return HtmlFragment.Table(
            ["[MASK] / random / kept, %", "Loss, own masking", "Loss, all [MASK]", "Accuracy, all [MASK]", "Accuracy after fine-tuning"],
            [
                .. lines
                    .Skip(1)
                    .Select(line =>
                        new[]
                        {
                            line[0],
                            Text(line, "own_loss", 1, "F3"),
                            Text(line, "common_loss", 1, "F3"),
                            Text(line, "common_accuracy", 100, "F1") + " %",
                            Text(line, "micro_accuracy", 100, "F1") + " %",
                        }
                    ),
            ]
        );
        yield return HtmlFragment.Paragraph(
            "\"Own masking\" is that of the model's pretraining; \"all [MASK]\" is the same test for all: each token to be predicted is [MASK]. "
                + $"After only {settings.Steps} steps of pretraining differences are small, and partly chance. "
                + "The whole experiment is samples/MaskingStrategies."
        );
    }
}
