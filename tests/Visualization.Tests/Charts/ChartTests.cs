using BertMl.Attention;
using BertMl.Metrics;

namespace BertMl.Charts;

[TestClass]
public sealed class ChartTests
{
    private static readonly byte[] PngSignature = [0x89, 0x50, 0x4E, 0x47];

    private static readonly string[] Areas = ["System.IO", "System.Net", "System.Text", "System.Threading", "System.Security"];

    private static IReadOnlyList<IReadOnlyList<double>> Counts =>
        [
            [120, 3, 4, 2, 0],
            [10, 90, 1, 5, 2],
            [7, 0, 75, 0, 1],
            [3, 8, 0, 140, 6],
            [1, 5, 2, 2, 60],
        ];

    public static IEnumerable<object[]> Charts =>
        [
            ["head", AttentionCharts.Head(Pair(), 1, 2)],
            ["mean", AttentionCharts.Mean(Pair(), 1)],
            ["layer", AttentionCharts.Layer(Pair(), 1)],
            ["first-middle-last", AttentionCharts.FirstMiddleLast(Pair())],
            ["first-middle-last-head", AttentionCharts.FirstMiddleLast(Pair(), head: 1)],
            ["reliability", new ReliabilityDiagram("Held-out texts", Calibration())],
            ["confusion", new ConfusionMatrixChart("Confusion matrix", Areas, Counts)],
            [
                "curves",
                new CurveChart(
                    "Masked language modelling",
                    "step",
                    "loss",
                    [
                        new("training", [.. Steps()], [.. Steps().Select(x => 4 + 4 / (1 + x / 50) + 0.2 * Math.Sin(x))]),
                        new("validation", [100, 200, 300, 400], [6.1, 5.2, 4.8, 4.7]),
                    ]
                ),
            ],
        ];

    [TestMethod]
    [DynamicData(nameof(Charts))]
    public async Task A_chart_is_saved_as_PNG_and_SVG_and_is_part_of_a_page(string name, Chart chart)
    {
        using var folder = new TemporaryFolder();
        chart.SavePng(folder["new/chart.png"]);
        chart.SaveSvg(folder["chart.svg"]);
        var png = await File.ReadAllBytesAsync(folder["new/chart.png"]);
        CollectionAssert.AreEqual(PngSignature, png[..4]);
        StringAssert.Contains(await File.ReadAllTextAsync(folder["chart.svg"]), "</svg>");
        StringAssert.Contains(chart.ToHtml("A <caption>").Markup, "<figcaption>A &lt;caption&gt;</figcaption>");
        if (Environment.GetEnvironmentVariable("BERTML_SCREENSHOTS") is { Length: > 0 } screenshots)
            File.Copy(folder["new/chart.png"], Path.Combine(screenshots, $"chart-{name}.png"), overwrite: true);
    }

    [TestMethod]
    public void Curves_are_read_from_CSV_and_smoothed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["curves.csv"], "step,loss,validation_loss\n1,4,\n2,3,3.5\n3,2,\n4,1,2.5\n");
        var curve = Curve.FromCsv(folder["curves.csv"], "validation_loss");
        CollectionAssert.AreEqual(new double[] { 2, 4 }, curve.X.ToArray());
        CollectionAssert.AreEqual(new double[] { 3.5, 2.5 }, curve.Y.ToArray());
        var smooth = Curve.FromCsv(folder["curves.csv"], "loss", "training").Smooth(2);
        CollectionAssert.AreEqual(new double[] { 1.5, 3.5 }, smooth.X.ToArray());
        CollectionAssert.AreEqual(new double[] { 3.5, 1.5 }, smooth.Y.ToArray());
    }

    [TestMethod]
    [DataRow("", "x", "has no column x: it has no line.")]
    [DataRow("step,loss\n1,2\n", "x", "has no column x: it has step, loss.")]
    [DataRow("step,loss\n1,2\n2\n", "loss", "line 3: expected 2 cells, found 1.")]
    [DataRow("step,loss\n1,two\n", "loss", "line 2: 'two' is not a number.")]
    public void A_wrong_CSV_file_is_one_clear_error(string content, string column, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["curves.csv"], content);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Curve.FromCsv(folder["curves.csv"], column)).Message, message);
    }

    [TestMethod]
    public void Matrices_of_a_wrong_size_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() =>
            new ConfusionMatrixChart(
                "",
                ["a", "b"],
                [
                    [1, 2],
                ]
            )
        );
        Assert.ThrowsExactly<ArgumentException>(() => new HeatMapChart("", [new("", ["a"], ["b"], [1, 2])]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => AttentionCharts.Head(Pair(), 4, 0));
    }

    [TestMethod]
    public void The_most_frequent_confusions_come_first()
    {
        var pairs = ConfusedPair.MostFrequent(Areas, Counts, 2);
        Assert.AreEqual(new ConfusedPair("System.Net", "System.IO", 10, 108), pairs[0]);
        Assert.AreEqual(new ConfusedPair("System.Threading", "System.Net", 8, 157), pairs[1]);
    }

    // A classifier that is too sure of itself.
    private static CalibrationMetrics Calibration()
    {
        var confidences = Enumerable.Range(0, 1000).Select(i => 0.3f + 0.7f * MathF.Sqrt(i / 1000f)).ToArray();
        return CalibrationMetrics.Compute(confidences, [.. confidences.Select((confidence, i) => i * 37 % 100 < 80 * confidence)]);
    }

    private static Attentions Pair() => AttentionExamples.Create(AttentionExamples.Pair, 4, 12);

    private static IEnumerable<double> Steps() => Enumerable.Range(1, 400).Select(i => (double)i);
}
