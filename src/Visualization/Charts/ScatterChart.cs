using BertMl.Pages;
using ScottPlot;

namespace BertMl.Charts;

/// <summary>Points of a plane, coloured by class.</summary>
/// <param name="title">The title.</param>
/// <param name="groups">The points of each class, for the legend in this order.</param>
public sealed class ScatterChart(string title, IReadOnlyList<Curve> groups) : Chart(title, 1000, 760)
{
    private protected override void Draw(Plot plot, Theme theme)
    {
        var size = groups.Sum(group => group.X.Count) > 2000 ? 4 : 6;
        for (var i = 0; i < groups.Count; i++)
        {
            var points = plot.Add.ScatterPoints(groups[i].X.ToArray(), groups[i].Y.ToArray(), Color(theme.Series[i % theme.Series.Count]).WithAlpha(0.8));
            points.LegendText = groups[i].Name;
            points.MarkerSize = size;
            points.MarkerShape = i / theme.Series.Count % 2 == 0 ? MarkerShape.FilledCircle : MarkerShape.FilledTriangleUp;
        }
        // Only what is near means something: the axes have no unit.
        SetNames(plot, theme, [], []);
        plot.ShowLegend(Edge.Right);
    }
}
