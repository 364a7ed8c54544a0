using System.Globalization;
using BertMl.Files;

namespace BertMl.Charts;

/// <summary>A curve of a <see cref="CurveChart"/>.</summary>
/// <param name="Name">What it is, for the legend.</param>
/// <param name="X">Where along the horizontal axis; as many as <paramref name="Y"/>.</param>
/// <param name="Y">The values.</param>
public sealed record Curve(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>Reads a column of a CSV file without quoting, as <c>curves.csv</c> of a training, over its first column. Empty cells are left out.</summary>
    /// <param name="path">The file; its first line names the columns.</param>
    /// <param name="column">Name of the column.</param>
    /// <param name="name">Name of the curve; the column's where it is null.</param>
    /// <exception cref="InvalidDataException">The file has no such column, or a cell is not a number; the line is named.</exception>
    public static Curve FromCsv(string path, string column, string? name = null)
    {
        using var lines = File.ReadLines(path).GetEnumerator();
        var header = lines.MoveNext() ? lines.Current.Split(',') : [];
        var index = Array.IndexOf(header, column);
        if (index < 0)
            throw new InvalidDataException($"'{path}' has no column {column}: it has {(header.Length > 0 ? Excerpt.Of(header) : "no line")}.");
        var (x, y) = (new List<double>(), new List<double>());
        for (var line = 2; lines.MoveNext(); line++)
        {
            var cells = lines.Current.Split(',');
            if (cells.Length != header.Length)
                throw new InvalidDataException($"'{path}', line {line}: expected {header.Length} cells, found {cells.Length}.");
            if (cells[index].Length == 0)
                continue;
            x.Add(Number(cells[0], line));
            y.Add(Number(cells[index], line));
        }
        return new(name ?? column, x, y);

        double Number(string cell, int line) =>
            double.TryParse(cell, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new InvalidDataException($"'{path}', line {line}: '{cell}' is not a number.");
    }

    /// <summary>Means of neighbouring points: single steps of a training jump too much to see anything.</summary>
    /// <param name="points">About how many points are left.</param>
    public Curve Smooth(int points = 400)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(points);
        var size = Math.Max(1, X.Count / points);
        return this with { X = [.. X.Chunk(size).Select(Enumerable.Average)], Y = [.. Y.Chunk(size).Select(Enumerable.Average)] };
    }
}
