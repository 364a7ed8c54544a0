namespace BertMl.Metrics;

[TestClass]
public sealed class ContextualCalibrationTests
{
    private static float[] Log(params double[] values) => [.. values.Select(value => (float)Math.Log(value))];

    [TestMethod]
    public void Probabilities_are_divided_by_the_prior()
    {
        // By hand: two prompts without content with (0.8, 0.2) and (0.6, 0.4): 0.7 and 0.3. A text with (0.6, 0.4): 0.6 / 0.7 against 0.4 / 0.3.
        var prior = ContextualCalibration.Prior(Log(0.8, 0.2, 3, 2), 2);
        Assert.AreEqual(0.7, prior[0], 1e-6);
        Assert.AreEqual(0.3, prior[1], 1e-6);
        var calibrated = ContextualCalibration.Apply(Log(0.6, 0.4), prior);
        Assert.AreEqual(0.6 / 0.7 / (0.6 / 0.7 + 0.4 / 0.3), calibrated[0], 1e-6);
        Assert.AreEqual(1, calibrated.Sum(), 1e-6);
    }

    [TestMethod]
    public void A_prompt_without_content_has_no_favourite_afterwards()
    {
        var scores = Log(0.9, 0.06, 0.04);
        var calibrated = ContextualCalibration.Apply(scores, ContextualCalibration.Prior(scores, 3));
        foreach (var probability in calibrated)
            Assert.AreEqual(1.0 / 3, probability, 1e-6);
    }

    [TestMethod]
    public void Bad_input_is_named()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => ContextualCalibration.Prior([], 2)).Message,
            "no prompts without content",
            StringComparison.Ordinal
        );
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => ContextualCalibration.Apply([0, float.NaN], [0.5f, 0.5f])).Message,
            "Row 0 has the score NaN for label 1",
            StringComparison.Ordinal
        );
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => ContextualCalibration.Apply([0, 0], [1, 0])).Message,
            "The prior of label 1 is 0",
            StringComparison.Ordinal
        );
        Assert.ThrowsExactly<ArgumentException>(() => ContextualCalibration.Apply([0, 0, 0], [0.5f, 0.5f]));
    }
}
