using BertMl.Charts;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>A confusion matrix for people: shaded where the console has colours, never wider than it, with the most confused pairs beneath.</summary>
internal static class ConfusionMatrixTable
{
    private const int MinimumCellWidth = 3,
        MaximumCellWidth = 5,
        MinimumNameWidth = 10,
        LettersOfTheAlphabet = 26;

    /// <summary>Writes the matrix (left out where it has no room) and the pairs.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="classes">Names of the classes.</param>
    /// <param name="counts">[true class][predicted class]: rows.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<double>> counts)
    {
        var width = console.Profile.Width - 1;
        var longest = classes.Max(name => name.Length);
        var nameWidth = Math.Min(longest, width - 4 - classes.Count * MinimumCellWidth);
        if (classes.Count <= LettersOfTheAlphabet && nameWidth >= Math.Min(longest, MinimumNameWidth))
            WriteMatrix(console, classes, counts, nameWidth, Math.Min(MaximumCellWidth, (width - 4 - nameWidth) / classes.Count));
        WriteMostConfusedPairs(console, classes, counts);
    }

    private static void WriteMatrix(
        IAnsiConsole console,
        IReadOnlyList<string> classes,
        IReadOnlyList<IReadOnlyList<double>> counts,
        int nameWidth,
        int cellWidth
    )
    {
        console.MarkupLine("[bold]Confusion matrix[/]: a row is a true class, a column (by its letter) a predicted one; per cent of the row.");
        console.MarkupLine(new string(' ', nameWidth + 4) + string.Concat(classes.Select((_, i) => $"[dim]{LetterOf(i).ToString().PadLeft(cellWidth)}[/]")));
        for (var row = 0; row < classes.Count; row++)
        {
            var total = Math.Max(1, counts[row].Sum());
            var cells = counts[row].Select((count, column) => Cell(count / total, column == row, cellWidth));
            console.MarkupLine($"  [dim]{LetterOf(row)}[/] {Markup.Escape(Shorten(classes[row], nameWidth)).PadRight(nameWidth)}{string.Concat(cells)}");
        }
        console.WriteLine();
    }

    private static char LetterOf(int index) => (char)('a' + index);

    private static string Shorten(string name, int width) => name.Length <= width ? name : name[..(width - 1)] + "…";

    // Right answers are shaded green, wrong ones red; the square root makes the small ones visible.
    private static string Cell(double part, bool right, int width)
    {
        var percent = Math.Round(100 * part);
        var text = (percent > 0 ? $"{percent}" : "·").PadLeft(width);
        if (percent < 1)
            return $"[dim]{text}[/]";
        var shade = (int)(60 + 140 * Math.Sqrt(Math.Min(1, right ? part : 3 * part)));
        return right ? $"[bold white on rgb(0,{shade / 2 + 20},{shade / 4})]{text}[/]" : $"[white on rgb({shade},20,30)]{text}[/]";
    }

    private static void WriteMostConfusedPairs(IAnsiConsole console, IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<double>> counts)
    {
        var pairs = ConfusedPair.MostFrequent(classes, counts);
        if (pairs.Count == 0)
            return;
        console.MarkupLine("[bold]Most often confused[/]");
        foreach (var pair in pairs)
            console.MarkupLine($"  {Markup.Escape(pair.True)} taken for {Markup.Escape(pair.Predicted)}: {pair.Count} of {pair.Total}");
        console.WriteLine();
    }
}
