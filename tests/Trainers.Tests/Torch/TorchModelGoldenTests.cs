using BertMl.Networks;

namespace BertMl.Torch;

/// <summary>The torch interpreter against Hugging Face's values: hidden states, attentions, outputs, losses, gradients, steps of training.</summary>
[TestClass]
public sealed class TorchModelGoldenTests
{
    public static IEnumerable<object[]> Models => from name in GoldenModels.Names from plain in (bool[])[false, true] select new object[] { name, plain };

    public static IEnumerable<object[]> Trained => from name in GoldenModels.Trained from plain in (bool[])[false, true] select new object[] { name, plain };

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Hidden_states_attentions_outputs_losses_and_gradients_are_those_of_Hugging_Face(string name, bool plain) =>
        NetworkChecks.CheckValues(Golden.Path("golden", "models", name), plain);

    [TestMethod]
    [DynamicData(nameof(Trained))]
    public void Ten_steps_of_training_are_those_of_PyTorch(string name, bool plain) =>
        NetworkChecks.CheckTraining(Golden.Path("golden", "models", name), plain, beginsWithCase: true);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_real_MiniLM_gives_the_hidden_states_of_Hugging_Face(bool plain)
    {
        using var golden = new GoldenCase(Golden.Path("golden", "minilm", "case.safetensors"));
        using var model = NetworkChecks.Load(Golden.Path("models", "all-minilm-l6-v2"), plain, out var source, Head.Base);
        using var __ = source;
        var batch = golden.Batch("in.");
        var observed = model.Observe(batch);
        foreach (var layer in new[] { 0, 1, 3, 6 })
        {
            var (expected, actual) = (golden.Values($"out.hidden.{layer}"), observed[$"hidden_states.{layer}"].Values);
            GoldenCase.AssertClose(
                GoldenModels.WithoutPadding(expected, [batch.Rows, batch.Length, expected.Length / batch.Rows / batch.Length], batch),
                GoldenModels.WithoutPadding(actual, [batch.Rows, batch.Length, actual.Length / batch.Rows / batch.Length], batch),
                1e-4,
                $"hidden states of layer {layer}"
            );
        }
        GoldenCase.AssertClose(golden.Values("out.pooler_output"), observed["pooler_output"].Values, 1e-4, "pooler output");
        var attention = golden.Values("out.attention.6.row0");
        GoldenCase.AssertClose(attention, observed["attentions.5"].Values[..attention.Length], 1e-4, "attention of layer 6");
    }
}
