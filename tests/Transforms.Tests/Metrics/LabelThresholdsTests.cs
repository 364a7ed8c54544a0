using BertMl.Metrics;

namespace BertMl.Tests.Metrics;

[TestClass]
public sealed class LabelThresholdsTests
{
    [TestMethod]
    public void The_threshold_of_each_label_parts_its_rows_best()
    {
        float[] probabilities = [0.2f, 0.9f, 0.3f, 0.8f, 0.1f, 0.95f];
        bool[] labels = [true, false, true, false, false, true];
        var thresholds = LabelThresholds.Tune(probabilities, labels, 2);
        Assert.AreEqual(0.15f, thresholds[0], 1e-6);
        Assert.AreEqual(0.925f, thresholds[1], 1e-6);
    }

    [TestMethod]
    public void Equally_good_thresholds_are_taken_near_one_half_and_a_label_without_rows_keeps_it()
    {
        Assert.AreEqual(0.5f, LabelThresholds.Tune([0.9f, 0.1f], [false, false], 1)[0]);
        // Above 0.65 one of one is right, above 0.05 two of four: F1 is 2/3 both times.
        Assert.AreEqual(0.65f, LabelThresholds.Tune([0.7f, 0.6f, 0.3f, 0.1f], [true, false, false, true], 1)[0], 1e-6f);
    }

    [TestMethod]
    public void No_threshold_of_a_grid_is_better()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var trial = 0; trial < 200; trial++)
        {
            var rows = random.Next(1, 30);
            var labels = Enumerable.Range(0, rows).Select(_ => random.Next(3) == 0).ToArray();
            var probabilities = labels.Select(label => (float)Math.Round(Math.Clamp(random.NextDouble() * 0.7 + (label ? 0.3 : 0), 0, 1), 1)).ToArray();
            var threshold = LabelThresholds.Tune(probabilities, labels, 1)[0];
            Assert.IsTrue(threshold is > 0 and < 1, $"seed {seed}, trial {trial}: {threshold}");
            var f1 = F1(probabilities, labels, threshold);
            for (var other = 0.01f; other < 1; other += 0.01f)
                Assert.IsGreaterThanOrEqualTo(F1(probabilities, labels, other) - 1e-9, f1, $"seed {seed}, trial {trial}: {threshold} against {other}");
        }
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(1f)]
    [DataRow(float.NaN)]
    public void Thresholds_outside_of_0_to_1_are_refused(float threshold)
    {
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LabelThresholds.Check([0.5f, threshold], 2));
        StringAssert.Contains(e.Message, "The threshold of label 1 must be between 0 and 1");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LabelThresholds.Check([0.5f], 2));
    }

    [TestMethod]
    public void Probabilities_that_are_none_are_refused() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => LabelThresholds.Tune([0.5f, float.NaN], [true, false], 1)).Message,
            "Row 1 has the probability NaN"
        );

    private static double F1(float[] probabilities, bool[] labels, float threshold) =>
        MultiLabelMetrics.Compute(labels, [.. probabilities.Select(probability => probability > threshold)], ["label"]).Micro.F1;
}
