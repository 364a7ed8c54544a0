using BertMl.Pages;
using ScottPlot;

namespace BertMl.Charts;

/// <summary>A matrix of a heat map.</summary>
/// <param name="Title">Title of the matrix, where there are several.</param>
/// <param name="RowLabels">Names of the rows.</param>
/// <param name="ColumnLabels">Names of the columns.</param>
/// <param name="Values">[rows, columns], row-major; none is negative. The first row is drawn at the top.</param>
public sealed record HeatMap(string Title, IReadOnlyList<string> RowLabels, IReadOnlyList<string> ColumnLabels, IReadOnlyList<float> Values);

/// <summary>
/// Matrices in colours: one with the names of its rows and columns, or several side by side. All share one scale, from 0 to the greatest value.
/// </summary>
public sealed class HeatMapChart : Chart
{
    // In units of a cell's matrix, which is 1 wide.
    private const double Gap = 0.12,
        TitleSpace = 0.14;
    private const int MostLabels = 40;

    private readonly IReadOnlyList<HeatMap> _maps;
    private readonly int _columns;
    private readonly string _valueLabel;
    private readonly double _maximum;

    /// <summary>A chart of one matrix, or of several.</summary>
    /// <param name="title">The title.</param>
    /// <param name="maps">The matrices.</param>
    /// <param name="valueLabel">What the values are, beside the scale.</param>
    /// <param name="columns">How many matrices stand side by side.</param>
    /// <exception cref="ArgumentException">There is no matrix, or a matrix has another number of values than its labels say.</exception>
    public HeatMapChart(string title, IReadOnlyList<HeatMap> maps, string valueLabel = "weight", int columns = 4)
        : base(title, 0, 0)
    {
        ArgumentNullException.ThrowIfNull(maps);
        ArgumentOutOfRangeException.ThrowIfZero(maps.Count, nameof(maps));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        if (maps.FirstOrDefault(map => map.Values.Count != map.RowLabels.Count * map.ColumnLabels.Count) is { } wrong)
            throw new ArgumentException(
                $"The matrix '{wrong.Title}' of {wrong.RowLabels.Count} rows and {wrong.ColumnLabels.Count} columns has {wrong.Values.Count} values.",
                nameof(maps)
            );
        (_maps, _columns, _valueLabel) = (maps, Math.Min(columns, maps.Count), valueLabel);
        _maximum = maps.Max(map => map.Values.Max());
        var rows = (maps.Count + _columns - 1) / _columns;
        (Width, Height) = maps.Count == 1 ? (780, 720) : (150 + 260 * _columns, 90 + 295 * rows);
    }

    private protected override void Draw(Plot plot, Theme theme)
    {
        ScottPlot.Plottables.Heatmap? last = null;
        for (var i = 0; i < _maps.Count; i++)
        {
            var (row, column) = Math.DivRem(i, _columns);
            var (left, top) = (column * (1 + Gap), -row * (1 + Gap + TitleSpace));
            last = Add(plot, theme, _maps[i], new(left, left + 1, top - 1, top));
            if (_maps.Count > 1)
                AddText(plot, _maps[i].Title, left + 0.5, top + 0.02, theme.Text, 13, Alignment.LowerCenter);
        }
        var isAlone = _maps.Count == 1;
        SetNames(plot, theme, isAlone ? Names(_maps[0].RowLabels, -1) : [], isAlone ? Names(_maps[0].ColumnLabels, 1) : []);
        plot.Axes.Margins(0.01, 0.01);
        plot.Axes.SquareUnits();
        var scale = plot.Add.ColorBar(last!);
        scale.Label = _valueLabel;
        scale.LabelStyle.ForeColor = Color(theme.MutedText);
        scale.Axis.TickLabelStyle.ForeColor = Color(theme.MutedText);
        scale.Axis.FrameLineStyle.Color = scale.Axis.MajorTickStyle.Color = scale.Axis.MinorTickStyle.Color = Color(theme.MutedText);
    }

    private ScottPlot.Plottables.Heatmap Add(Plot plot, Theme theme, HeatMap map, CoordinateRect place)
    {
        var cells = new double[map.RowLabels.Count, map.ColumnLabels.Count];
        for (var i = 0; i < map.Values.Count; i++)
            cells[i / map.ColumnLabels.Count, i % map.ColumnLabels.Count] = map.Values[i];
        var heatMap = plot.Add.Heatmap(cells);
        heatMap.Colormap = new Sequence(theme);
        heatMap.ManualRange = new(0, Math.Max(_maximum, float.Epsilon));
        heatMap.Rectangle = place;
        var border = plot.Add.Rectangle(place);
        border.FillColor = Colors.Transparent;
        border.LineColor = Color(theme.Border);
        return heatMap;
    }

    // Where there is no room for all names, every second, third or so is shown.
    private static IEnumerable<(double Position, string Name)> Names(IReadOnlyList<string> labels, int direction)
    {
        var step = (labels.Count + MostLabels - 1) / MostLabels;
        return labels.Select((label, i) => (Position: direction * (i + 0.5) / labels.Count, label)).Where((_, i) => i % step == 0);
    }

    private sealed class Sequence(Theme theme) : IColormap
    {
        public string Name => "sequence";

        public Color GetColor(double position)
        {
            var (red, green, blue) = theme.Interpolate(position);
            return new(red, green, blue);
        }
    }
}
