using System.Text.Json;
using BertMl.Checkpoints;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

/// <summary>Weights as training programs leave them on the hub, and what stands in their place.</summary>
[TestClass]
public sealed class WeightsFromTheHubTests
{
    // Hugging Face gives random weights for the last two, without a word; they hold the weights of the first.
    [TestMethod]
    [DataRow("c43_extra_scalar")]
    [DataRow("c45_real_state_dict")]
    [DataRow("c02_module_prefix")]
    [DataRow("c02b_state_dict_wrap")]
    public void What_surrounds_good_weights_does_not_block_them(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("golden", "hub", "checkpoints.json")));
        var texts = file.RootElement.GetProperty("texts").EnumerateArray().Select(text => new Example { Text = text.GetString() });
        var expected = file.RootElement.GetProperty("models").GetProperty("c43_extra_scalar").GetProperty("rows").EnumerateArray();
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(texts);
        using var transformer = context.Transforms.Text.ApplyBertClassification(Golden.Path("golden", "hub", "cases", name), maximumLength: 32).Fit(data);
        var scored = context.Data.CreateEnumerable<Prediction>(transformer.Transform(data), reuseRowObject: false).ToList();
        Assert.HasCount(5, scored);
        foreach (var (row, prediction) in expected.Zip(scored))
        foreach (var (probability, score) in row.EnumerateArray().Zip(prediction.Score))
            Assert.AreEqual(probability.GetDouble(), score, 1e-5);
    }

    [TestMethod]
    [DataRow("c28_lfs", "git lfs pull")]
    [DataRow("c29b_html", "web page")]
    [DataRow("c29_tf_only", "tf_model.h5")]
    [DataRow("c32_missing_shard", "model-00002-of-00002.safetensors")]
    public void What_is_no_weights_is_named(string name, string named)
    {
        var error = Assert.Throws<Exception>(() => PretrainedModel.Load(Golden.Path("golden", "hub", "cases", name)).Dispose());
        Assert.IsTrue(error is InvalidDataException or FileNotFoundException, error.ToString());
        Assert.Contains(named, error.Message);
    }
}
