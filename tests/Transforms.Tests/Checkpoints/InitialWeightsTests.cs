using BertMl.Networks;

namespace BertMl.Checkpoints;

[TestClass]
public sealed class InitialWeightsTests
{
    // Quantiles of the standard normal distribution, from Python's statistics.NormalDist.
    [TestMethod]
    [DataRow(1e-15, -7.941345326170995)]
    [DataRow(1e-9, -5.9978070150076865)]
    [DataRow(0.001, -3.090232306167813)]
    [DataRow(0.0749, -1.4402382675279632)]
    [DataRow(0.0751, -1.4388253927525398)]
    [DataRow(0.3, -0.5244005127080407)]
    [DataRow(0.5, 0)]
    [DataRow(0.9, 1.2815515655446008)]
    [DataRow(0.999999, 4.753424308817089)]
    public void Normal_quantiles_are_right_to_seven_digits(double probability, double expected) =>
        Assert.AreEqual(expected, InitialWeights.NormalQuantile(probability), 1e-6);

    [TestMethod]
    public void Weights_are_normal_biases_zero_scales_one_and_the_padding_row_zero()
    {
        var config = PretrainedModelTests.Small with { VocabSize = 2_000, HiddenSize = 64, InitializerRange = 0.05 };
        using var model = PretrainedModel.Create(config, Head.SequenceClassification, null, seed: 11);
        var words = model.Weights.ReadAll("bert.embeddings.word_embeddings.weight");
        Assert.IsTrue(words.Skip(config.PadTokenId!.Value * 64).Take(64).All(x => x == 0));
        var drawn = words.Where(x => x != 0).Select(x => x / 0.05).ToList();
        // 127,936 draws: four standard errors of each moment.
        var count = (double)drawn.Count;
        Assert.IsGreaterThan(127_900, drawn.Count);
        Assert.AreEqual(0, drawn.Average(), 4 / Math.Sqrt(count));
        Assert.AreEqual(1, drawn.Average(x => x * x), 4 * Math.Sqrt(2 / count));
        Assert.AreEqual(0, drawn.Average(x => x * x * x), 4 * Math.Sqrt(15 / count));
        Assert.AreEqual(3, drawn.Average(x => x * x * x * x), 4 * Math.Sqrt(96 / count));
        Assert.AreEqual(0.6827, drawn.Count(x => Math.Abs(x) < 1) / count, 0.006);
        // Neighbours are independent.
        Assert.AreEqual(0, drawn.Zip(drawn.Skip(1), (x, y) => x * y).Average(), 4 / Math.Sqrt(count));
        Assert.IsTrue(model.Weights.ReadAll("classifier.bias").All(x => x == 0));
        Assert.IsTrue(model.Weights.ReadAll("bert.embeddings.LayerNorm.weight").All(x => x == 1));
        Assert.IsTrue(model.Weights.ReadAll("bert.embeddings.LayerNorm.bias").All(x => x == 0));
    }

    [TestMethod]
    public void A_parameter_depends_on_seed_and_name_and_on_nothing_else()
    {
        const string name = "classifier.weight";
        using var first = PretrainedModel.Create(PretrainedModelTests.Small, Head.SequenceClassification, null, seed: 1);
        using var deeper = PretrainedModel.Create(PretrainedModelTests.Small with { NumHiddenLayers = 2 }, Head.SequenceClassification, null, seed: 1);
        using var other = PretrainedModel.Create(PretrainedModelTests.Small, Head.SequenceClassification, null, seed: 2);
        CollectionAssert.AreEqual(first.Weights.ReadAll(name), deeper.Weights.ReadAll(name));
        CollectionAssert.AreNotEqual(first.Weights.ReadAll(name), other.Weights.ReadAll(name));
        CollectionAssert.AreNotEqual(
            deeper.Weights.ReadAll("bert.encoder.layer.0.output.dense.weight"),
            deeper.Weights.ReadAll("bert.encoder.layer.1.output.dense.weight")
        );
    }
}
