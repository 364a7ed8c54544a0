using Microsoft.ML;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class ConvertToOnnxTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void A_chain_with_one_of_our_transformers_is_refused_and_the_way_is_named()
    {
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(3));
        ITransformer classifier = SmallClassifier.Transformer(_context);
        var chain = classifier.Append(_context.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(classifier.Transform(data)));
        foreach (var model in (ITransformer[])[classifier, chain])
        {
            using var stream = new MemoryStream();
            var error = Assert.ThrowsExactly<NotSupportedException>(() => _context.Model.ConvertToOnnx(model, data, stream));
            Assert.Contains("BertClassificationTransformer", error.Message);
            Assert.Contains("SaveOnnx", error.Message);
            Assert.AreEqual(0, stream.Length);
        }
    }

    [TestMethod]
    public void A_chain_of_MlNets_own_transformers_on_our_output_is_refused_too()
    {
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(3));
        var scored = SmallClassifier.Transformer(_context).Transform(data);
        var model = _context.Transforms.NormalizeMinMax("Score").Fit(scored);
        using var stream = new MemoryStream();
        Assert.ThrowsExactly<NotSupportedException>(() => _context.Model.ConvertToOnnx(model, scored, stream));
    }
}
