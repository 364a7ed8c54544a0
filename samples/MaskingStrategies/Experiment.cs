using System.Diagnostics;
using System.Globalization;
using BertMl.Charts;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>
/// The experiment: each way to mask is pretrained, validated and fine-tuned with each seed; a table, a chart and a file tell what came of it.
/// </summary>
internal sealed class Experiment(IAnsiConsole console, ExperimentSettings settings)
{
    private const int SplitSeed = 1;

    /// <summary>Does what is not done yet, and shows all results.</summary>
    /// <param name="texts">Text to pretrain on, by document.</param>
    /// <param name="rows">The task to fine-tune on.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The exit code.</returns>
    public int Run(IReadOnlyCollection<(long Document, string Text)> texts, IReadOnlyList<LabelledText> rows, CancellationToken cancellationToken)
    {
        settings.Check();
        var variants = Variant.Find(settings.Only);
        var summaries = LabelledTextSplit.Of(rows, SplitSeed, "The task");
        var folder = ResultFolder.Open(settings.Output, [.. settings.Decisive, Describe(texts, summaries)]);
        var all = Enumerable.Range(1, settings.Seeds).SelectMany(seed => variants.Select(variant => (Variant: variant, Seed: seed))).ToList();
        var missing = all.Where(run => !folder.Has(run.Variant, run.Seed)).ToList();
        console.MarkupInterpolated($"[bold]{all.Count}[/] models of {settings.Layers} layers of width {settings.Hidden}: ");
        console.MarkupLineInterpolated(
            $"{settings.Steps:N0} steps with {settings.BatchSize} lines of text, {settings.FineTuningEpochs} epochs of fine-tuning."
        );
        if (missing.Count < all.Count)
            console.MarkupLineInterpolated($"[bold]{all.Count - missing.Count}[/] are in {folder.CsvPath} already.");
        if (missing.Count > 0)
        {
            var training = new VariantTraining(console, settings, folder, texts, summaries, cancellationToken);
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < missing.Count; i++)
            {
                var (variant, seed) = missing[i];
                var left =
                    i == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", about {watch.Elapsed.TotalMinutes / i * (missing.Count - i):F0} min left");
                console.MarkupLineInterpolated($"[bold]{variant.Name}[/] ({variant.Description}), seed {seed} [dim]({i + 1} of {missing.Count}{left})[/]");
                var result = training.Run(variant, seed, cancellationToken);
                folder.Add(result);
                console.MarkupLineInterpolated($"  loss, all [[MASK]]: [bold]{result.CommonLoss:F4}[/]; micro accuracy: [bold]{result.MicroAccuracy:P2}[/]");
            }
        }
        console.WriteLine();
        var majority = (double)summaries.HeldOut.CountBy(row => row.Label).Max(label => label.Value) / summaries.HeldOut.Count;
        var shown = folder.Results.Where(result => all.Exists(run => run.Variant.Name == result.Name && run.Seed == result.Seed)).ToList();
        ResultTable.Write(console, variants, shown, majority);
        var chart = Path.Combine(settings.Output, "curves.png");
        new CurveChart("Validation on one masking: 15 % of the tokens, all [MASK]", "step", "loss", [.. Curves(folder, variants, shown)]).SavePng(chart);
        console.MarkupLineInterpolated(
            $"Saved [bold]{folder.CsvPath}[/] and [bold]{chart}[/]; models and curves of each row are in {Path.Combine(folder.Path, "runs")}."
        );
        return 0;
    }

    // So that results of another SDK's text are not taken for those of this one.
    private static string Describe(IReadOnlyCollection<(long Document, string Text)> texts, LabelledTextSplit summaries) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"data: {texts.Count} texts of {texts.Sum(row => (long)row.Text.Length)} characters, {summaries.Training.Count} + "
                + $"{summaries.HeldOut.Count} summaries"
        );

    // The mean over the seeds.
    private static IEnumerable<Curve> Curves(ResultFolder folder, IReadOnlyList<Variant> variants, IReadOnlyList<ExperimentResult> results) =>
        from variant in variants
        where variant.Masking is not null
        let seeds = results
            .Where(result => result.Name == variant.Name)
            .Select(result => Curve.FromCsv(VariantTraining.CurvesPath(folder, result.Name, result.Seed), "validation_loss", variant.Name))
            .ToList()
        where seeds.Count > 0
        select seeds[0] with
        {
            Y = [.. Enumerable.Range(0, seeds[0].Y.Count).Select(i => seeds.Average(curve => curve.Y[i]))],
        };
}
