using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>The weights of one model in every form that a folder from the hub may have.</summary>
[TestClass]
public sealed class FormatsTests
{
    [TestMethod]
    [DataRow("safetensors-float16", 1f / 2048)]
    [DataRow("safetensors-bfloat16", 1f / 256)]
    [DataRow("safetensors-float64", 0f)]
    [DataRow("safetensors-sharded", 0f)]
    [DataRow("safetensors-gamma-beta", 0f)]
    [DataRow("bin", 0f)]
    [DataRow("bin-legacy", 0f)]
    [DataRow("bin-sharded", 0f)]
    [DataRow("bin-float16", 1f / 2048)]
    [DataRow("bin-parameters", 0f)]
    [DataRow("bin-strided-views", 0f)]
    [DataRow("bin-gamma-beta", 0f)]
    public void Each_form_has_the_weights_of_the_plain_one(string form, float tolerance)
    {
        using var expected = SafetensorsFile.Open(Golden.Path("golden", "models", "bert-seqcls", "model.safetensors"));
        using var model = PretrainedModel.Load(Golden.Path("golden", "models", "formats", form));
        Assert.IsTrue(model.Report.IsComplete, model.Report.ToString());
        CollectionAssert.AreEqual(form == "bin-strided-views" ? ["view.extra"] : Array.Empty<string>(), model.Report.Unexpected.ToList());
        Assert.AreEqual(Head.SequenceClassification, model.Head);
        Assert.HasCount(expected.Infos.Count, model.Weights.Infos);
        foreach (var name in expected.Infos.Keys)
            AssertClose(expected.ReadAll(name), model.Weights.ReadAll(name), tolerance, name);
    }

    [TestMethod]
    public void A_bare_encoder_gets_a_new_head()
    {
        using var expected = SafetensorsFile.Open(Golden.Path("golden", "models", "bert-seqcls", "model.safetensors"));
        using var model = PretrainedModel.Load(Golden.Path("golden", "models", "formats", "no-prefix-no-head"), labels: ["a", "b"], seed: 7);
        CollectionAssert.AreEqual(new[] { "classifier.weight", "classifier.bias" }, model.Report.Missing.ToList());
        Assert.IsEmpty(model.Report.NewlyInitializedEncoder);
        foreach (var name in expected.Infos.Keys.Where(name => !name.StartsWith("classifier", StringComparison.Ordinal)))
            AssertClose(expected.ReadAll(name), model.Weights.ReadAll(name), 0, name);
        var head = model.Weights.ReadAll("classifier.weight");
        Assert.HasCount(2 * 24, head);
        Assert.IsTrue(head.All(x => x != 0 && Math.Abs(x) < 0.2f));
        Assert.IsTrue(model.Weights.ReadAll("classifier.bias").All(x => x == 0));
        Assert.Contains("classifier.weight", Assert.ThrowsExactly<InvalidDataException>(() => model.Report.ThrowIfIncomplete("here")).Message);
    }

    [TestMethod]
    public void Missing_unexpected_and_mismatched_tensors_are_reported()
    {
        var folder = Golden.Path("golden", "models", "formats", "missing-unexpected-mismatched");
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        using var model = PretrainedModel.Load(folder);
        var parameters = ParameterList.Of(model.Config, model.Head).ToDictionary(p => p.Name, p => p.Shape);
        CollectionAssert.AreEquivalent(parameters.Keys.Except(file.Infos.Keys).ToList(), model.Report.Missing.ToList());
        CollectionAssert.AreEquivalent(file.Infos.Keys.Except(parameters.Keys).ToList(), model.Report.Unexpected.ToList());
        Assert.IsNotEmpty(model.Report.Missing);
        Assert.IsNotEmpty(model.Report.Unexpected);
        Assert.IsNotEmpty(model.Report.Mismatched);
        foreach (var (name, found, expected) in model.Report.Mismatched)
        {
            CollectionAssert.AreEqual(file.Infos[name].Shape.ToList(), found.ToList());
            CollectionAssert.AreEqual(parameters[name].ToList(), expected.ToList());
            Assert.Contains(name, model.Report.ToString());
        }
        Assert.HasCount(parameters.Count, model.Weights.Infos);
    }

    [TestMethod]
    public void A_malicious_pickle_is_refused_and_runs_nothing()
    {
        var folder = Golden.Path("golden", "models", "formats", "bin-malicious");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedModel.Load(folder).Dispose());
        Assert.Contains("posix.system", error.Message);
        Assert.IsFalse(File.Exists("PWNED") || File.Exists(Path.Combine(folder, "PWNED")));
    }

    internal static void AssertClose(float[] expected, float[] actual, float tolerance, string name)
    {
        Assert.HasCount(expected.Length, actual, name);
        for (var i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], Math.Abs(expected[i]) * tolerance + (tolerance > 0 ? 1e-7f : 0), name);
    }
}
