using BertMl.Pages;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace BertMl.Charts;

/// <summary>Curves over one horizontal axis, as losses over steps.</summary>
/// <param name="title">The title.</param>
/// <param name="xLabel">What the horizontal axis measures.</param>
/// <param name="yLabel">What the vertical axis measures.</param>
/// <param name="curves">The curves; those without points are left out.</param>
public sealed class CurveChart(string title, string xLabel, string yLabel, IReadOnlyList<Curve> curves) : Chart(title, 900, 540)
{
    // A curve of few points, as one of an epoch each, shows where they are.
    private const int FewPoints = 30;

    private protected override void Draw(Plot plot, Theme theme)
    {
        var color = 0;
        foreach (var curve in curves.Where(curve => curve.X.Count > 0))
        {
            var line = plot.Add.Scatter(curve.X.ToArray(), curve.Y.ToArray(), Color(theme.Series[color++ % theme.Series.Count]));
            line.LegendText = curve.Name;
            line.LineWidth = 2;
            line.MarkerSize = curve.X.Count <= FewPoints ? 6 : 0;
        }
        if (curves.SelectMany(curve => curve.X).All(double.IsInteger))
            plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.XLabel(xLabel);
        plot.YLabel(yLabel);
        if (color > 1)
            plot.ShowLegend(Edge.Right);
    }
}
