using System.Globalization;
using ScottPlot;

namespace BertMl.Samples;

/// <summary>A line of a chart.</summary>
/// <param name="Name">What it is, for the legend.</param>
/// <param name="X">Where along the horizontal axis.</param>
/// <param name="Y">The values.</param>
internal sealed record Curve(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);

/// <summary>Draws the curves of trainings into PNG files.</summary>
internal static class CurveChart
{
    private const int Width = 900,
        Height = 540,
        Points = 400;

    /// <summary>Draws losses over steps, as <c>curves.csv</c> of a training has them.</summary>
    public static void SaveLosses(string csvPath, string pngPath, string title) =>
        Save(pngPath, title, "step", "loss", [Smooth(Read(csvPath, "loss", "training")), Read(csvPath, "validation_loss", "validation")]);

    /// <summary>Reads a column of <c>curves.csv</c> over steps, where it is filled.</summary>
    public static Curve Read(string csvPath, string column, string name)
    {
        var rows = File.ReadLines(csvPath).Select(line => line.Split(',')).ToList();
        var index = Array.IndexOf(rows[0], column);
        var filled = rows.Skip(1).Where(cells => cells[index].Length > 0).ToList();
        return new(name, [.. filled.Select(cells => Number(cells[0]))], [.. filled.Select(cells => Number(cells[index]))]);
    }

    /// <summary>Draws curves into one chart.</summary>
    public static void Save(string pngPath, string title, string xLabel, string yLabel, IEnumerable<Curve> curves)
    {
        using var plot = new Plot();
        foreach (var curve in curves.Where(curve => curve.X.Count > 0))
        {
            var line = plot.Add.ScatterLine(curve.X.ToArray(), curve.Y.ToArray());
            line.LegendText = curve.Name;
            line.LineWidth = 2;
        }
        plot.Title(title);
        plot.XLabel(xLabel);
        plot.YLabel(yLabel);
        plot.ShowLegend(Edge.Right);
        plot.SavePng(pngPath, Width, Height);
    }

    // Means of neighbouring steps: single ones jump too much to see anything.
    private static Curve Smooth(Curve curve)
    {
        var size = Math.Max(1, curve.X.Count / Points);
        return curve with { X = [.. curve.X.Chunk(size).Select(Enumerable.Average)], Y = [.. curve.Y.Chunk(size).Select(Enumerable.Average)] };
    }

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}
