namespace BertMl.Attention;

/// <summary>Two tokens, so that every number can be computed by hand.</summary>
[TestClass]
public sealed class AttentionSummaryTests
{
    private static readonly Attentions TwoTokens = new(["[CLS]", "[SEP]"], layers: 2, heads: 2, [0.5f, 0.5f, 0.25f, 0.75f, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0]);

    [TestMethod]
    public void A_heads_numbers_are_those_computed_by_hand()
    {
        var summary = AttentionSummary.Of(TwoTokens);
        Assert.HasCount(4, summary);
        // Rows 0.5 0.5 and 0.25 0.75: entropies 0.693147 and 0.562335.
        Check(summary[0], layer: 0, head: 0, entropy: 0.627741, distance: 0.375, cls: 0.375, sep: 0.625, self: 0.625, previous: 0.25, next: 0.5);
        // The identity, and the exchange of the two.
        Check(summary[1], layer: 0, head: 1, entropy: 0, distance: 0, cls: 0.5, sep: 0.5, self: 1, previous: 0, next: 0);
        Check(summary[2], layer: 1, head: 0, entropy: 0, distance: 1, cls: 0.5, sep: 0.5, self: 0, previous: 1, next: 1);
    }

    [TestMethod]
    public void One_token_has_no_neighbours()
    {
        Check(AttentionSummary.Of(new(["a"], 1, 1, [1]))[0], 0, 0, entropy: 0, distance: 0, cls: 0, sep: 0, self: 1, previous: 0, next: 0);
    }

    [TestMethod]
    public void Special_tokens_may_have_other_names()
    {
        var summary = AttentionSummary.Of(new(["<s>", "</s>"], 1, 1, [0.5f, 0.5f, 0.25f, 0.75f]), clsToken: "<s>", sepToken: "</s>")[0];
        Assert.AreEqual(0.375, summary.MassOnCls, 1e-6);
        Assert.AreEqual(0.625, summary.MassOnSep, 1e-6);
    }

    [TestMethod]
    public void The_rollout_is_the_one_computed_by_hand()
    {
        var rollout = AttentionRollout.Compute(TwoTokens);
        // Layer 0: the mean of the heads is 0.75 0.25, 0.125 0.875; half of it and half of the identity is 0.875 0.125, 0.0625 0.9375.
        Same([0.875, 0.125, 0.0625, 0.9375], rollout[0]);
        // Layer 1: the exchange, so each token becomes the mean of the two rows above.
        Same([0.46875, 0.53125, 0.46875, 0.53125], rollout[1]);
    }

    private static void Same(double[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-6);
    }

    private static void Check(
        AttentionSummary actual,
        int layer,
        int head,
        double entropy,
        double distance,
        double cls,
        double sep,
        double self,
        double previous,
        double next
    )
    {
        Assert.AreEqual((layer, head), (actual.Layer, actual.Head));
        Assert.AreEqual(entropy, actual.Entropy, 1e-6);
        Assert.AreEqual(distance, actual.MeanDistance, 1e-6);
        Assert.AreEqual(cls, actual.MassOnCls, 1e-6);
        Assert.AreEqual(sep, actual.MassOnSep, 1e-6);
        Assert.AreEqual(self, actual.MassOnSelf, 1e-6);
        Assert.AreEqual(previous, actual.MassOnPrevious, 1e-6);
        Assert.AreEqual(next, actual.MassOnNext, 1e-6);
    }
}
