using System.Globalization;
using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Training;

namespace BertMl.Torch;

/// <summary>The torch interpreter against the values of Hugging Face in a folder: config.json, model.safetensors, case.safetensors, train.json ...</summary>
internal static class NetworkChecks
{
    /// <summary>A model of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="plain">By plain operations and the composites as they are defined, not by the kernels and nodes that are faster.</param>
    /// <param name="source">The folder's weights, to be disposed after the model.</param>
    /// <param name="task">The head; null: the folder's.</param>
    /// <param name="epsilon">Epsilon of AdamW.</param>
    public static TorchModel Load(string folder, bool plain, out PretrainedModel source, Head? task = null, double epsilon = 1e-8)
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
                Epsilon = epsilon,
            }
        );
    }

    /// <summary>Hidden states, attentions, outputs, loss and gradients within 1e-5 of the largest value of each.</summary>
    public static void CheckValues(string folder, bool plain)
    {
        using var model = Load(folder, plain, out var source);
        using var __ = source;
        using var golden = new GoldenCase(Path.Combine(folder, "case.safetensors"));
        var batch = golden.Batch("in.");
        var choices = source.Head.HasChoices ? (int)golden.Shape("in.input_ids")[1] : 1;

        var observed = model.Observe(batch, choices);
        foreach (var output in golden.Names.Where(n => n.StartsWith("out.", StringComparison.Ordinal) && n != "out.loss").Select(n => n[4..]))
        {
            var key = output.Replace("hidden.", "hidden_states.", StringComparison.Ordinal);
            if (output.StartsWith("attention.", StringComparison.Ordinal))
                key = $"attentions.{int.Parse(output[10..], CultureInfo.InvariantCulture) - 1}";
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
        {
            // PyTorch gives no gradient to a parameter that nothing is computed from.
            var (gradient, name) = (model.Gradient(parameter.Name), "grad." + parameter.Name);
            GoldenCase.AssertClose(golden.Names.Contains(name) ? golden.Values(name) : new float[gradient.Length], gradient, 1e-5, parameter.Name);
        }
    }

    /// <summary>Loss, gradient norm and weights of some AdamW steps within 1e-4.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="plain">See <see cref="Load"/>.</param>
    /// <param name="beginsWithCase">The reference run began with the gradient of the case, which its script had just computed, still in place: its first norm
    /// shows it.</param>
    public static void CheckTraining(string folder, bool plain, bool beginsWithCase)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "train.json")));
        var epsilon = json.RootElement.TryGetProperty("epsilon", out var given) ? given.GetDouble() : 1e-8;
        using var model = Load(folder, plain, out var source, epsilon: epsilon);
        using var __ = source;
        using var batches = new GoldenCase(Path.Combine(folder, "train_batches.safetensors"));
        using var trained = new GoldenCase(Path.Combine(folder, "trained.safetensors"));
        if (beginsWithCase)
        {
            using var before = new GoldenCase(Path.Combine(folder, "case.safetensors"));
            var (first, firstLabels) = (before.Batch("in."), before.Labels("labels", "labels."));
            model.Accumulate(first, firstLabels, [1 / model.Evaluate(first, firstLabels).Terms![0].Weight], 1);
        }
        var next = 0;
        foreach (var step in json.RootElement.GetProperty("steps").EnumerateArray())
        {
            var micro = Enumerable.Range(next, step.GetProperty("micro_batches").GetInt32()).ToArray();
            next += micro.Length;
            var parts = Array.ConvertAll(micro, i => (Batch: batches.Batch($"batch{i}."), Labels: batches.Labels("labels", $"batch{i}.")));
            var weight = parts.Sum(part => model.Evaluate(part.Batch, part.Labels).Terms![0].Weight);
            var loss = parts.Sum(part => model.Accumulate(part.Batch, part.Labels, [1.0 / weight], 1).Terms![0].Loss) / weight;
            var norm = model.Step(step.GetProperty("lr").GetDouble(), 1);
            Assert.AreEqual(step.GetProperty("loss").GetDouble(), loss, 1e-4 * Math.Abs(loss), $"loss of {step}");
            Assert.AreEqual(step.GetProperty("grad_norm").GetDouble(), norm, 1e-4 * norm, $"norm of {step}");
        }
        using var weights = model.Snapshot();
        foreach (var parameter in model.Parameters)
        {
            var values = new float[parameter.Count];
            weights.Read(parameter.Name, values);
            GoldenCase.AssertClose(
                GoldenModels.WithoutKeyBias(parameter.Name, trained.Values(parameter.Name)),
                GoldenModels.WithoutKeyBias(parameter.Name, values),
                1e-4,
                parameter.Name
            );
        }
    }
}
