namespace BertMl.Metrics;

[TestClass]
public sealed class ConfidenceIntervalTests
{
    // statsmodels.stats.proportion.proportion_confint(correct, count, method="wilson")
    [TestMethod]
    [DataRow(81, 263, 0.25529, 0.36621)] // the case of Newcombe 1998
    [DataRow(0, 20, 0, 0.16113)]
    [DataRow(29, 29, 0.88303, 1)]
    public void Wilson_has_the_values_of_the_literature(int correct, int count, double lower, double upper)
    {
        var interval = ConfidenceInterval.Wilson(correct, count);
        Assert.AreEqual(lower, interval.Lower, 1e-5);
        Assert.AreEqual(upper, interval.Upper, 1e-5);
    }

    [TestMethod]
    public void What_is_no_share_is_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ConfidenceInterval.Wilson(0, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ConfidenceInterval.Wilson(3, 2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ConfidenceInterval.Wilson(-1, 2));
    }
}
