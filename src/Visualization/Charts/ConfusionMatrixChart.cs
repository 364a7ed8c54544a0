using System.Globalization;
using BertMl.Pages;
using ScottPlot;

namespace BertMl.Charts;

/// <summary>
/// A confusion matrix: a row is a true class, a column a predicted one. A cell's colour is its part of the row, its text the number of rows of data.
/// </summary>
public sealed class ConfusionMatrixChart : Chart
{
    // Of more classes the counts would not be readable.
    private const int MostCounts = 24;
    private readonly IReadOnlyList<string> _classes;
    private readonly IReadOnlyList<IReadOnlyList<double>> _counts;

    /// <summary>A chart of a matrix as ML.NET's <c>ConfusionMatrix.Counts</c> has it.</summary>
    /// <param name="title">The title.</param>
    /// <param name="classes">Names of the classes.</param>
    /// <param name="counts">[true class][predicted class].</param>
    /// <exception cref="ArgumentException">The matrix is not as large as the classes are many.</exception>
    public ConfusionMatrixChart(string title, IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<double>> counts)
        : base(title, 0, 0)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentOutOfRangeException.ThrowIfZero(classes.Count, nameof(classes));
        if (counts.Count != classes.Count || counts.Any(row => row.Count != classes.Count))
            throw new ArgumentException($"The matrix must have {classes.Count} rows and columns, one for each class.", nameof(counts));
        (_classes, _counts) = (classes, counts);
        var size = Math.Clamp(classes.Count * 38, 240, 1100);
        var names = 7 * Math.Min(MostLetters, classes.Max(name => name.Length));
        (Width, Height) = (size + names + 80, size + names + 80);
    }

    private protected override void Draw(Plot plot, Theme theme)
    {
        var count = _classes.Count;
        for (var row = 0; row < count; row++)
        {
            var total = Math.Max(1, _counts[row].Sum());
            for (var column = 0; column < count; column++)
                AddCell(plot, theme, row, column, _counts[row][column], total);
        }
        var names = _classes.Select((name, i) => (Position: (double)i, name)).ToList();
        SetNames(plot, theme, names.Select(name => (-name.Position, name.name)), names);
        plot.XLabel("predicted");
        plot.YLabel("true");
        plot.Axes.SetLimits(-0.5, count - 0.5, 0.5 - count, 0.5);
        plot.Axes.SquareUnits();
    }

    private void AddCell(Plot plot, Theme theme, int row, int column, double count, double total)
    {
        var (red, green, blue) = theme.Interpolate(count / total);
        var cell = plot.Add.Rectangle(column - 0.5, column + 0.5, -row - 0.5, -row + 0.5);
        cell.FillColor = new(red, green, blue);
        cell.LineColor = Color(theme.Border);
        cell.LineWidth = 0.5f;
        if (count == 0 || _classes.Count > MostCounts)
            return;
        // The sequence goes from the surface's brightness to that of text: past its middle, the surface is what stands out.
        var color = count / total > 0.45 ? theme.Surface : theme.Text;
        AddText(plot, count.ToString("0.##", CultureInfo.InvariantCulture), column, -row, color, 11, Alignment.MiddleCenter);
    }
}
