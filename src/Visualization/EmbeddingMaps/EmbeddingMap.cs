using System.Globalization;
using System.Text;
using BertMl.Charts;
using BertMl.Pages;

namespace BertMl.EmbeddingMaps;

/// <summary>
/// A map of texts: a point for each, coloured by its class. As PNG or SVG, as CSV, and as a page on which a text is read by pointing at it and a class is
/// hidden by its name in the legend.
/// </summary>
public sealed class EmbeddingMap
{
    private readonly List<(string Label, List<int> Rows)> _classes;

    /// <summary>A map of points that <see cref="TSne"/> or <see cref="PrincipalComponents"/> placed.</summary>
    /// <param name="title">The title.</param>
    /// <param name="points">[texts][2 or more]: the first two coordinates are shown.</param>
    /// <param name="labels">The class of each text.</param>
    /// <param name="texts">The texts.</param>
    /// <exception cref="ArgumentException">The counts differ, or a point has not two finite coordinates; the row is named.</exception>
    public EmbeddingMap(string title, IReadOnlyList<double[]> points, IReadOnlyList<string> labels, IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(texts);
        if (points.Count != labels.Count || points.Count != texts.Count)
            throw new ArgumentException(
                $"There are {points.Count} points, {labels.Count} labels and {texts.Count} texts: they must be as many.",
                nameof(points)
            );
        ArgumentOutOfRangeException.ThrowIfZero(points.Count, nameof(points));
        for (var i = 0; i < points.Count; i++)
            if (points[i].Length < 2 || !double.IsFinite(points[i][0]) || !double.IsFinite(points[i][1]))
                throw new ArgumentException($"Point {i} must have two finite coordinates.", nameof(points));
        (Title, Points, Labels, Texts) = (title, points, labels, texts);
        _classes =
        [
            .. labels
                .Select((label, row) => (label, row))
                .GroupBy(pair => pair.label, pair => pair.row, StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (group.Key, group.ToList())),
        ];
    }

    /// <summary>The title.</summary>
    public string Title { get; }

    /// <summary>Where each text is.</summary>
    public IReadOnlyList<double[]> Points { get; }

    /// <summary>The class of each text.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The texts.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>The map as a picture.</summary>
    public ScatterChart ToChart() =>
        new(
            Title,
            [.. _classes.Select(group => new Curve(group.Label, [.. group.Rows.Select(row => Points[row][0])], [.. group.Rows.Select(row => Points[row][1])]))]
        );

    /// <summary>Writes the picture.</summary>
    /// <param name="path">The file; its folder is made where it does not exist.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SavePng(string path) => ToChart().SavePng(path);

    /// <summary>Writes the points as CSV (RFC 4180), with the columns x, y, label and text.</summary>
    /// <param name="path">The file; its folder is made where it does not exist.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SaveCsv(string path)
    {
        var csv = new StringBuilder("x,y,label,text\n");
        for (var i = 0; i < Points.Count; i++)
            csv.Append(CultureInfo.InvariantCulture, $"{Points[i][0]:G9},{Points[i][1]:G9},{Quote(Labels[i])},{Quote(Texts[i])}\n");
        OutputFile.Write(path, Encoding.UTF8.GetBytes(csv.ToString()));
    }

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file; its folder is made where it does not exist.</param>
    /// <param name="caption">What is seen, in a sentence or two.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SaveHtml(string path, string caption = "Each point is a text. Texts that are near each other are alike to the model.") =>
        new HtmlPage(Title, caption).Add(ToHtml()).Save(path);

    /// <summary>The interactive map, for a page of one's own.</summary>
    public HtmlFragment ToHtml()
    {
        var data = PageData.Element(
            new
            {
                Title,
                Classes = _classes.Select(group => new
                {
                    group.Label,
                    X = group.Rows.Select(row => Round(Points[row][0])),
                    Y = group.Rows.Select(row => Round(Points[row][1])),
                    Texts = group.Rows.Select(row => Texts[row]),
                }),
            }
        );
        return new($"<section class=\"scatter panel\">{data}</section>") { Styles = ["scatter.css"], Scripts = ["scatter.js"] };
    }

    // Six digits are more than a screen can show.
    private static double Round(double value) => double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Quote(string text) => text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
