using System.Text.Json;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Training;

namespace BertMl.Torch;

/// <summary>The torch interpreter against Hugging Face's values: hidden states, attentions, outputs, losses, gradients, steps of training.</summary>
[TestClass]
public sealed class TorchModelGoldenTests
{
    private static TorchModel Load(string folder, bool plain, out PretrainedModel source, Head? task = null)
    {
        source = PretrainedModel.Load(folder, task, null, 0, problemType: null, withTokenizer: false);
        return new TorchModel(
            source.Config,
            source.Head,
            source.Weights,
            new()
            {
                Precision = TrainingPrecision.Float32,
                PlainOperations = plain,
                DefaultComposites = plain,
            }
        );
    }

    public static IEnumerable<object[]> Models => from name in GoldenModels.Names from plain in (bool[])[false, true] select new object[] { name, plain };

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Hidden_states_attentions_outputs_losses_and_gradients_are_those_of_Hugging_Face(string name, bool plain)
    {
        using var model = Load(Golden.Path("golden", "models", name), plain, out var source);
        using var __ = source;
        using var golden = new GoldenCase(Golden.Path("golden", "models", name, "case.safetensors"));
        var batch = golden.Batch("in.");
        var choices = source.Head.HasChoices ? (int)golden.Shape("in.input_ids")[1] : 1;

        var observed = model.Observe(batch, choices);
        foreach (var output in golden.Names.Where(n => n.StartsWith("out.", StringComparison.Ordinal) && n != "out.loss").Select(n => n[4..]))
        {
            var key = output.Replace("hidden.", "hidden_states.", StringComparison.Ordinal);
            if (output.StartsWith("attention.", StringComparison.Ordinal))
                key = $"attentions.{int.Parse(output[10..], System.Globalization.CultureInfo.InvariantCulture) - 1}";
            var (shape, values) = observed[key];
            CollectionAssert.AreEqual(golden.Shape("out." + output).ToArray(), shape, output);
            GoldenCase.AssertClose(
                GoldenModels.WithoutPadding(golden.Values("out." + output), shape, batch),
                GoldenModels.WithoutPadding(values, shape, batch),
                1e-5,
                output
            );
        }
        if (!golden.Names.Contains("out.loss"))
            return;

        var labels = golden.Labels("labels", "labels.");
        var evaluated = model.Evaluate(batch, labels);
        var sum = model.Accumulate(batch, labels, [.. evaluated.Terms!.Select(term => 1 / term.Weight)], 1);
        Assert.AreEqual(evaluated.Mean(), sum.Mean(), 1e-6 * Math.Abs(sum.Mean()));
        GoldenCase.AssertClose(golden.Values("out.loss"), [(float)sum.Mean()], 1e-5, "loss");
        foreach (var parameter in model.Parameters)
            GoldenCase.AssertClose(golden.Values("grad." + parameter.Name), model.Gradient(parameter.Name), 1e-5, parameter.Name);
    }

    public static IEnumerable<object[]> Trained => from name in GoldenModels.Trained from plain in (bool[])[false, true] select new object[] { name, plain };

    [TestMethod]
    [DynamicData(nameof(Trained))]
    public void Ten_steps_of_training_are_those_of_PyTorch(string name, bool plain)
    {
        using var model = Load(Golden.Path("golden", "models", name), plain, out var source);
        using var __ = source;
        using var batches = new GoldenCase(Golden.Path("golden", "models", name, "train_batches.safetensors"));
        using var trained = new GoldenCase(Golden.Path("golden", "models", name, "trained.safetensors"));
        using var json = JsonDocument.Parse(File.ReadAllText(Golden.Path("golden", "models", name, "train.json")));
        // The reference run began with the gradient of the case, which its script had just computed, still in place: its first norm shows it.
        using var before = new GoldenCase(Golden.Path("golden", "models", name, "case.safetensors"));
        var (first, firstLabels) = (before.Batch("in."), before.Labels("labels", "labels."));
        model.Accumulate(first, firstLabels, [1 / model.Evaluate(first, firstLabels).Terms![0].Weight], 1);
        var next = 0;
        foreach (var step in json.RootElement.GetProperty("steps").EnumerateArray())
        {
            var micro = Enumerable.Range(next, step.GetProperty("micro_batches").GetInt32()).ToArray();
            next += micro.Length;
            var parts = Array.ConvertAll(micro, i => (Batch: batches.Batch($"batch{i}."), Labels: batches.Labels("labels", $"batch{i}.")));
            var weight = parts.Sum(part => part.Labels["labels"]!.Count(label => label != -100));
            var loss = parts.Sum(part => model.Accumulate(part.Batch, part.Labels, [1.0 / weight], 1).Terms![0].Loss) / weight;
            var norm = model.Step(step.GetProperty("lr").GetDouble(), 1);
            Assert.AreEqual(step.GetProperty("loss").GetDouble(), loss, 1e-4 * Math.Abs(loss), $"loss of {step}");
            Assert.AreEqual(step.GetProperty("grad_norm").GetDouble(), norm, 1e-4 * norm, $"norm of {step}");
        }
        using var weights = model.Snapshot();
        foreach (var parameter in model.Parameters.Where(p => !GoldenModels.IsKeyBias(p.Name)))
        {
            var values = new float[parameter.Count];
            weights.Read(parameter.Name, values);
            GoldenCase.AssertClose(trained.Values(parameter.Name), values, 1e-4, parameter.Name);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_real_MiniLM_gives_the_hidden_states_of_Hugging_Face(bool plain)
    {
        using var golden = new GoldenCase(Golden.Path("golden", "minilm", "case.safetensors"));
        using var model = Load(Golden.Path("models", "all-minilm-l6-v2"), plain, out var source, Head.Base);
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
