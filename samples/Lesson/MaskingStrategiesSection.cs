using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>Which masking pretrains best, in short: the sample MaskingStrategies with a few rows and steps.</summary>
internal sealed class MaskingStrategiesSection()
    : Section(
        "E21.2",
        "strategies",
        "Masking strategies, in short",
        "Three small BERTs learn from the same text, each with another masking. Which one is best at what all are asked in the same way?"
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
        yield return HtmlFragment.Table(lines[0], [.. lines.Skip(1)]);
        yield return HtmlFragment.Paragraph(
            $"Each was pretrained for {settings.Steps} steps only: differences are small, and chance is in them. "
                + "The whole experiment is samples/MaskingStrategies."
        );
    }
}
