using System.Net;
using System.Text;
using BertMl.Pages;
using ScottPlot;
using SkiaSharp;
using Color = ScottPlot.Color;

namespace BertMl.Charts;

/// <summary>A picture: as PNG, as SVG, or as part of a page, where it is light or dark as the page is.</summary>
public abstract class Chart
{
    private protected const int MostLetters = 40;

    // Longer names of columns are turned.
    private const int ShortName = 3;

    // Skia finds a font by its own name only.
    private static readonly string[] FontNames = ["Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "Noto Sans", "DejaVu Sans"];
    private static readonly string FontName = FindFont();

    private protected Chart(string title, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(title);
        (Title, Width, Height) = (title, width, height);
    }

    /// <summary>The title, drawn above.</summary>
    public string Title { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; }

    /// <summary>Writes the picture, dark on light. The file's folder is made where it does not exist.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SavePng(string path)
    {
        using var plot = Draw(Theme.Light);
        OutputFile.Write(path, plot.GetImageBytes(Width, Height, ImageFormat.Png));
    }

    /// <summary>Writes the picture, dark on light. The file's folder is made where it does not exist.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SaveSvg(string path) => OutputFile.Write(path, Encoding.UTF8.GetBytes(ToSvg(Theme.Light)));

    /// <summary>The picture as a figure of a page, for both themes.</summary>
    /// <param name="caption">What is seen, in a sentence or two under the picture; plain text.</param>
    public HtmlFragment ToHtml(string caption)
    {
        ArgumentNullException.ThrowIfNull(caption);
        var pictures = string.Concat(new[] { Theme.Light, Theme.Dark }.Select(Picture));
        return new($"<figure class=\"chart\" tabindex=\"0\">{pictures}<figcaption>{WebUtility.HtmlEncode(caption)}</figcaption></figure>")
        {
            Styles = ["chart.css"],
        };

        string Picture(Theme theme)
        {
            var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(ToSvg(theme)));
            return $"<img class=\"{theme.Name}\" width=\"{Width}\" height=\"{Height}\" alt=\"{WebUtility.HtmlEncode(Title)}\" "
                + $"src=\"data:image/svg+xml;base64,{data}\">";
        }
    }

    private protected abstract void Draw(Plot plot, Theme theme);

    private protected static Color Color(string hex) => ScottPlot.Color.FromHex(hex);

    private protected static void AddText(Plot plot, string text, double x, double y, string color, int size, Alignment alignment)
    {
        var label = plot.Add.Text(text, x, y);
        label.LabelFontColor = Color(color);
        label.LabelFontSize = size;
        label.LabelAlignment = alignment;
    }

    // The names of rows and columns, without an axis to measure by.
    private protected static void SetNames(
        Plot plot,
        Theme theme,
        IEnumerable<(double Position, string Name)> rows,
        IEnumerable<(double Position, string Name)> columns
    )
    {
        var (left, bottom) = (plot.Axes.Left, plot.Axes.Bottom);
        left.SetTicks([.. rows.Select(row => row.Position)], [.. rows.Select(row => row.Name)]);
        bottom.SetTicks([.. columns.Select(column => column.Position)], [.. columns.Select(column => column.Name)]);
        var longest = Math.Min(MostLetters, columns.Select(column => column.Name.Length).DefaultIfEmpty().Max());
        if (longest > ShortName)
        {
            bottom.TickLabelStyle.Rotation = -60;
            bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
            bottom.MinimumSize = 30 + 6.5f * longest;
        }
        foreach (var axis in plot.Axes.GetAxes())
        {
            axis.FrameLineStyle.Width = 0;
            axis.TickLabelStyle.ForeColor = Color(theme.Text);
            axis.MajorTickStyle.Length = axis.MinorTickStyle.Length = 0;
        }
        plot.HideGrid();
    }

    private static string FindFont()
    {
        var families = SKFontManager.Default.FontFamilies.ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Array.Find(FontNames, families.Contains) ?? Fonts.Default;
    }

    // Cells of a heat map are an image of few pixels: they must stay sharp where it is drawn large. The reader's machine may lack the font.
    private string ToSvg(Theme theme)
    {
        using var plot = Draw(theme);
        return plot.GetSvgXml(Width, Height)
            .Replace("<image ", "<image style=\"image-rendering:pixelated\" ", StringComparison.Ordinal)
            .Replace($"font-family=\"{FontName}\"", $"font-family=\"{FontName}, sans-serif\"", StringComparison.Ordinal);
    }

    private Plot Draw(Theme theme)
    {
        var plot = new Plot();
        plot.Font.Set(FontName);
        plot.FigureBackground.Color = Color(theme.Surface);
        plot.DataBackground.Color = Color(theme.Surface);
        plot.Axes.Color(Color(theme.MutedText));
        plot.Grid.MajorLineColor = Color(theme.Border);
        plot.Legend.BackgroundColor = Color(theme.Surface);
        plot.Legend.FontColor = Color(theme.Text);
        plot.Legend.OutlineColor = Color(theme.Border);
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Title(Title, 16);
        plot.Axes.Title.Label.ForeColor = Color(theme.Text);
        Draw(plot, theme);
        foreach (var axis in plot.Axes.GetAxes())
            (axis.Label.FontSize, axis.Label.Bold) = (13, false);
        return plot;
    }
}
