using Spectre.Console;

namespace BertMl.Samples;

/// <summary>The results as a table, a line for each way to mask.</summary>
internal static class ResultTable
{
    /// <summary>The cells of a line.</summary>
    /// <param name="variant">The way to mask.</param>
    /// <param name="results">Its results, one a seed.</param>
    public static string[] Cells(Variant variant, IReadOnlyCollection<ExperimentResult> results) =>
        [
            variant.Name,
            variant.Description,
            Text(results.Select(result => result.OwnLoss), "F3"),
            Text(results.Select(result => (double?)result.CommonLoss), "F3"),
            Text(results.Select(result => 100 * (double?)result.CommonAccuracy), "F2"),
            Text(results.Select(result => 100 * (double?)result.MicroAccuracy), "F2"),
        ];

    /// <summary>Shows the table.</summary>
    public static void Write(IAnsiConsole console, IReadOnlyList<Variant> variants, IReadOnlyList<ExperimentResult> results, double majority)
    {
        var seeds = results.DistinctBy(result => result.Seed).Count();
        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns(
                new TableColumn("masking"),
                new TableColumn("in pretraining"),
                new TableColumn("loss,\nown masking").RightAligned(),
                new TableColumn("loss, all\n[[MASK]]").RightAligned(),
                new TableColumn("accuracy, all\n[[MASK]], %").RightAligned(),
                new TableColumn("fine-tuned: micro\naccuracy, %").RightAligned()
            );
        foreach (var variant in variants)
        {
            if (results.Where(result => result.Name == variant.Name).ToList() is { Count: > 0 } its)
                table.AddRow(Cells(variant, its));
        }
        console.Write(table);
        var spread = seeds > 1 ? $"Mean ± standard deviation over {seeds} seeds." : "One seed: --seeds 3 shows how much of a difference is chance.";
        console.MarkupLineInterpolated($"Fine-tuned, always the largest class: {100 * majority:F2} %. {spread}");
    }

    private static string Text(IEnumerable<double?> values, string format) => Spread.Of([.. values.OfType<double>()])?.ToString(format) ?? "-";
}
