using BertMl.Networks;

namespace BertMl.Torch;

/// <summary>Every architecture against Hugging Face's values, on the tiny networks that are always there.</summary>
[TestClass]
public sealed class NetworkCasesTests
{
    public static IEnumerable<object[]> Networks => from name in NetworkCases.Names from plain in (bool[])[false, true] select new object[] { name, plain };

    public static IEnumerable<object[]> Trained => from name in NetworkCases.Trained from plain in (bool[])[false, true] select new object[] { name, plain };

    [TestMethod]
    [DynamicData(nameof(Networks))]
    public void Hidden_states_attentions_outputs_losses_and_gradients_are_those_of_Hugging_Face(string name, bool plain) =>
        NetworkChecks.CheckValues(NetworkCases.Folder(name), plain);

    [TestMethod]
    [DynamicData(nameof(Trained))]
    public void Five_steps_of_training_are_those_of_PyTorch(string name, bool plain) =>
        NetworkChecks.CheckTraining(NetworkCases.Folder(name), plain, beginsWithCase: false);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_parameter_without_a_gradient_does_not_decay_as_in_PyTorch(bool plain)
    {
        var folder = NetworkCases.Folder("mpnet-no-layers-lm");
        using var model = NetworkChecks.Load(folder, plain, out var source);
        using var __ = source;
        using var golden = new GoldenCase(Path.Combine(folder, "case.safetensors"));
        var unset = model.Parameters.Where(parameter => !golden.Names.Contains("grad." + parameter.Name)).ToArray();
        Assert.IsTrue(unset.Any(parameter => parameter.Decays));
        for (var step = 0; step < 3; step++)
        {
            model.Accumulate(golden.Batch("in."), golden.Labels("labels", "labels."), [1], 1);
            model.Step(1e-2, 1);
        }
        using var weights = model.Snapshot();
        foreach (var parameter in model.Parameters)
        {
            var isAsItWas = source.Weights.ReadAll(parameter.Name).AsSpan().SequenceEqual(weights.ReadAll(parameter.Name));
            Assert.AreEqual(unset.Contains(parameter), isAsItWas, parameter.Name);
        }
    }
}
