using System.Globalization;
using BertMl.Metrics;
using BertMl.Pages;
using ScottPlot;

namespace BertMl.Charts;

/// <summary>
/// How often predictions are right (bars), by how sure the classifier is of them. Of a calibrated classifier the bars end at the diagonal; below it, it is too
/// sure of itself. The line shows the part of the predictions in each bin.
/// </summary>
/// <param name="title">The title; the expected calibration error is added.</param>
/// <param name="metrics">The bins.</param>
public sealed class ReliabilityDiagram(string title, CalibrationMetrics metrics)
    : Chart(string.Create(CultureInfo.InvariantCulture, $"{title}: expected calibration error {metrics.ExpectedCalibrationError:F3}"), 620, 560)
{
    private protected override void Draw(Plot plot, Theme theme)
    {
        var total = Math.Max(1, metrics.Bins.Sum(bin => bin.Count));
        foreach (var bin in metrics.Bins.Where(bin => bin.Count > 0))
        {
            var bar = plot.Add.Rectangle(bin.Lower, bin.Upper, 0, bin.Accuracy);
            bar.FillColor = Color(theme.Accent).WithAlpha(0.55);
            bar.LineColor = Color(theme.Surface);
        }
        var diagonal = plot.Add.Line(0, 0, 1, 1);
        diagonal.LineColor = Color(theme.MutedText);
        diagonal.LinePattern = LinePattern.Dashed;
        diagonal.LegendText = "calibrated";
        var share = plot.Add.Scatter(
            metrics.Bins.Select(bin => (bin.Lower + bin.Upper) / 2).ToArray(),
            metrics.Bins.Select(bin => (double)bin.Count / total).ToArray(),
            Color(theme.Series[1])
        );
        share.LegendText = "part of the predictions";
        plot.Axes.SetLimits(0, 1, 0, 1);
        plot.XLabel("confidence");
        plot.YLabel("accuracy");
        plot.ShowLegend(Alignment.UpperLeft);
    }
}
