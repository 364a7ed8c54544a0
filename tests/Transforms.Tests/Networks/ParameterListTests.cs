using BertMl.Networks;

namespace BertMl;

[TestClass]
public sealed class ParameterListTests
{
    // Published counts (notes of keras-hub and google-research/bert): encoder with pooler, vocabulary of bert-base-uncased.
    [TestMethod]
    [DataRow("Tiny", 4_385_920L)]
    [DataRow("Small", 28_763_648L)]
    [DataRow("Medium", 41_373_184L)]
    [DataRow("Base", 109_482_240L)]
    [DataRow("Large", 335_141_888L)]
    public void Named_shapes_have_the_published_parameter_counts(string shape, long expected)
    {
        var config = (BertConfig)typeof(BertConfig).GetProperty(shape)!.GetValue(null)!;
        Assert.AreEqual(expected, ParameterList.Of(config, Head.Base).Sum(p => p.Count));
    }
}
