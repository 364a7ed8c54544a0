using BertMl.Charts;
using BertMl.Metrics;
using BertMl.Pages;
using BertMl.Texts;
using BertMl.TokenClassification;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>How well entities were found, for the console and for the report.</summary>
internal static class EntityFigures
{
    private static readonly string[] Columns = ["Type", "Precision", "Recall", "F1", "Baseline's F1", "Entities"];

    /// <summary>Scores by type beside the baseline's.</summary>
    public static Table Table(EntityMetrics metrics, EntityMetrics baseline)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var (i, column) in Columns.Index())
            table.AddColumn(new TableColumn(column) { Alignment = i == 0 ? Justify.Left : Justify.Right });
        foreach (var row in Rows(metrics, baseline))
            table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }

    /// <summary>The report.</summary>
    public static Report Report(
        EntityData data,
        string bert,
        EntityMetrics metrics,
        EntityMetrics baseline,
        IReadOnlyList<FoundRow> shown,
        string curvesPath
    ) =>
        new Report("Named entities", $"A BERT from {bert} learned from {data.Training.Count:N0} texts of {data.Source} which of their words are entities.")
            .Add(
                $"Scores on {data.HeldOut.Count:N0} held-out texts",
                HtmlFragment.Table(Columns, [.. Rows(metrics, baseline)]),
                HtmlFragment.Paragraph(
                    "An entity is right where its type and both of its ends are. The baseline gives each word the tag that it had most often."
                )
            )
            .Add(
                "Texts and what was found in them",
                shown.Select(row => MarkedText.Entities(row.Text, row.All(), [.. metrics.PerType.Select(type => type.Label)]))
            )
            .Add(
                "Loss while it learned",
                new CurveChart("Loss", "step", "loss", [Curve.FromCsv(curvesPath, "loss", "training").Smooth()]).ToHtml("Less is better.")
            )
            .Add("The run", HtmlFragment.Facts(BertMl.Pages.Report.RunFacts));

    private static IEnumerable<string[]> Rows(EntityMetrics metrics, EntityMetrics baseline) =>
        [
            .. metrics.PerType.Select(type => Row(type, baseline.PerType.FirstOrDefault(other => other.Label == type.Label).F1)),
            Row(metrics.Micro with { Label = "all" }, baseline.Micro.F1),
        ];

    private static string[] Row(LabelScore score, double baseline) =>
        [score.Label, $"{score.Precision:F4}", $"{score.Recall:F4}", $"{score.F1:F4}", $"{baseline:F4}", $"{score.Support}"];
}
