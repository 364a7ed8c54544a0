using BertMl.RandomNumbers;

namespace BertMl.Metrics;

[TestClass]
public sealed class TemperatureScalingTests
{
    [TestMethod]
    public void The_temperature_is_the_one_computed_by_hand()
    {
        // Three of four are right where the logits differ by 4: the confidence must be 3/4, so that 4 / T = ln 3.
        Assert.AreEqual(4 / Math.Log(3), TemperatureScaling.Fit([4, 0, 4, 0, 4, 0, 4, 0], [0, 0, 0, 1]), 1e-6);
        // The same, of a classifier that is not sure enough.
        Assert.AreEqual(0.5 / Math.Log(3), TemperatureScaling.Fit([0.5f, 0, 0.5f, 0, 0.5f, 0, 0.5f, 0], [0, 0, 0, 1]), 1e-6);
    }

    [TestMethod]
    public void A_temperature_that_made_the_logits_is_found_again()
    {
        const int rows = 20_000,
            classes = 4;
        var random = new CounterRandom(CounterRandom.Key(seed: 5, 0));
        var (logits, labels) = (new float[rows * classes], new int[rows]);
        foreach (ref var logit in logits.AsSpan())
            logit = (float)(6 * random.NextDouble());
        for (var row = 0; row < rows; row++)
        {
            // Drawn by the softmax at temperature 2.5 (Gumbel's trick).
            var noisy = Enumerable.Range(0, classes).Select(i => logits[row * classes + i] / 2.5 - Math.Log(-Math.Log(random.NextDouble() + 1e-300))).ToList();
            labels[row] = noisy.IndexOf(noisy.Max());
        }
        Assert.AreEqual(2.5, TemperatureScaling.Fit(logits, labels), 0.1);
    }

    [TestMethod]
    public void A_classifier_that_is_always_right_or_tells_nothing_reaches_a_bound()
    {
        Assert.AreEqual(TemperatureScaling.Lowest, TemperatureScaling.Fit([1, 0, 0, 1], [0, 1]), 1e-9);
        Assert.AreEqual(TemperatureScaling.Highest, TemperatureScaling.Fit([1, 0, 1, 0], [1, 1]), 1e-6);
    }

    [TestMethod]
    public void Probabilities_are_the_softmax_of_the_divided_logits()
    {
        var probabilities = TemperatureScaling.Apply([2, 0, 0, 2 * MathF.Log(3)], 2, 2);
        Assert.AreEqual(1 / (1 + Math.Exp(-1)), probabilities[0], 1e-6);
        Assert.AreEqual(0.75, probabilities[3], 1e-6);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => TemperatureScaling.Fit([1, 2, 3], [0, 1])).Message,
            "3 logits are not as many for each of 2 rows."
        );
        Assert.ThrowsExactly<ArgumentException>(() => TemperatureScaling.Fit([], []));
        StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentException>(() => TemperatureScaling.Fit([1, float.NaN], [0])).Message, "Row 0 has the logit NaN.");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TemperatureScaling.Fit([1, 2], [2])).Message,
            "The label of row 0 is 2; there are 2 classes, from 0."
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TemperatureScaling.Apply([1, 2], 2, 0));
    }
}
