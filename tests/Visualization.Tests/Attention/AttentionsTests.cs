namespace BertMl.Attention;

[TestClass]
public sealed class AttentionsTests
{
    [TestMethod]
    public void Layers_and_heads_beyond_the_models_are_named()
    {
        var attentions = AttentionExamples.Create(["[CLS]", "a", "[SEP]"], 2, 3);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => attentions[2, 0].ToArray()).Message,
            "The model has 2 layers, 0 to 1: there is no layer 2."
        );
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => attentions[0, 3].ToArray()).Message,
            "The model has 3 heads in a layer, 0 to 2: there is no head 3."
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => attentions.SelectLayers(0, 2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => attentions.MeanOverHeads(-1));
    }

    [TestMethod]
    public void Values_of_another_size_or_that_are_no_weights_are_refused()
    {
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => new Attentions(["a", "b"], 1, 2, new float[7])).Message,
            "Attentions of 1 layers, 2 heads and 2 tokens have 8 values; these have 7."
        );
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => new Attentions(["a", "b"], 1, 2, [1, 0, 0, 1, 1, 0, float.NaN, 1])).Message,
            "The weight of layer 0, head 1, from token 1 to token 0 is NaN: expected 0 to 1."
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Attentions(["a"], 1, 1, [1], sentenceBStart: 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Attentions([], 1, 1, []));
    }

    [TestMethod]
    public void Layers_are_selected_and_tokens_cut()
    {
        var attentions = AttentionExamples.Create(AttentionExamples.Pair, 3, 2, AttentionExamples.PairSecond);
        var selected = attentions.SelectLayers(2, 0);
        CollectionAssert.AreEqual(new[] { 2, 0 }, selected.LayerIndices.ToArray());
        CollectionAssert.AreEqual(attentions[2, 1].ToArray(), selected[0, 1].ToArray());
        var cut = selected.Truncate(4);
        Assert.AreEqual(4, cut.Length);
        Assert.AreEqual(AttentionExamples.Pair.Count, cut.LengthOfText);
        Assert.IsNull(cut.SentenceBStart);
        Assert.AreEqual(attentions[0, 1][3 * attentions.Length + 2], cut[1, 1][3 * 4 + 2]);
    }
}
