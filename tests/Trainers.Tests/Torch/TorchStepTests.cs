using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Training;
using static BertMl.Torch.SmallNetwork;

namespace BertMl.Torch;

/// <summary>Steps of the optimizer on small random models, and the state that a resumed training needs.</summary>
[TestClass]
public sealed class TorchStepTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_step_of_AdamW_is_that_of_its_paper(bool plain)
    {
        const double rate = 1e-2,
            decay = 0.1,
            beta1 = 0.9,
            beta2 = 0.99,
            epsilon = 1e-6;
        var random = new Random(17);
        var config = Config() with { HiddenDropoutProb = 0, AttentionProbsDropoutProb = 0 };
        var options = Float32 with { PlainOperations = plain, WeightDecay = decay, Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon };
        using var model = Model(config, Head.MaskedLM, options);
        var (values, first, second) = (Weights(), new Dictionary<string, double[]>(), new Dictionary<string, double[]>());
        for (var step = 1; step <= 3; step++)
        {
            var batch = Batch(random, 4, 9);
            model.Accumulate(batch, Labels(Head.MaskedLM, batch, random), [1], 1);
            var gradients = model.Parameters.ToDictionary(p => p.Name, p => model.Gradient(p.Name));
            var norm = Math.Sqrt(gradients.Values.Sum(gradient => gradient.Sum(g => (double)g * g)));
            var clip = Math.Min(1, 0.5 / norm);
            Assert.AreEqual(norm, model.Step(rate, 0.5), 1e-4 * norm);
            var actual = Weights();
            foreach (var parameter in model.Parameters)
            {
                var (m, v) = (Moments(first, parameter), Moments(second, parameter));
                var (expected, moved) = (values[parameter.Name], 0.0);
                for (var i = 0; i < m.Length; i++)
                {
                    var g = gradients[parameter.Name][i] * clip;
                    (m[i], v[i]) = (beta1 * m[i] + (1 - beta1) * g, beta2 * v[i] + (1 - beta2) * g * g);
                    var change = m[i] / (1 - Math.Pow(beta1, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(beta2, step))) + epsilon);
                    expected[i] = expected[i] * (1 - (parameter.Shape.Count > 1 ? rate * decay : 0)) - rate * change;
                    moved = Math.Max(moved, Math.Abs(change));
                    Assert.AreEqual(expected[i], actual[parameter.Name][i], 2e-2 * rate, $"{parameter.Name}[{i}], step {step}");
                }
                if (gradients[parameter.Name].Max(Math.Abs) > 1e-4)
                    Assert.IsGreaterThan(0.1, moved, parameter.Name);
            }
            values = actual;
        }

        Dictionary<string, double[]> Weights()
        {
            using var snapshot = model.Snapshot();
            return model.Parameters.ToDictionary(p => p.Name, p => Array.ConvertAll(snapshot.ReadAll(p.Name), value => (double)value));
        }

        static double[] Moments(Dictionary<string, double[]> all, Parameter parameter) =>
            all.TryGetValue(parameter.Name, out var moments) ? moments : all[parameter.Name] = new double[parameter.Count];
    }

    [TestMethod]
    [DataRow(TrainingPrecision.Float32)]
    [DataRow(TrainingPrecision.BFloat16)]
    public void Equal_seeds_and_a_resumed_state_give_equal_bits(TrainingPrecision precision)
    {
        byte[] Run(int stopAfter)
        {
            var random = new Random(11);
            var model = Model(Config(), Head.MaskedLM, new() { Precision = precision });
            for (var step = 0; step < 6; step++)
            {
                var batch = Batch(random, 5, 20);
                var sum = model.Accumulate(batch, Labels(Head.MaskedLM, batch, random), [0.05], (ulong)step);
                Assert.IsTrue(double.IsFinite(sum.Mean()));
                Assert.IsGreaterThan(0, model.Step(1e-3, 1));
                if (step != stopAfter)
                    continue;
                using var state = new MemoryStream();
                model.SaveState(state);
                model.Dispose();
                model = Model(Config(), Head.MaskedLM, new() { Precision = precision });
                state.Position = 0;
                model.LoadState(state);
            }
            using var end = new MemoryStream();
            model.SaveState(end);
            model.Dispose();
            return end.ToArray();
        }
        var first = Run(-1);
        CollectionAssert.AreEqual(first, Run(-1));
        CollectionAssert.AreEqual(first, Run(2));
    }

    [TestMethod]
    public void Frozen_parameters_stay_and_do_not_count_in_the_norm()
    {
        var random = new Random(9);
        var config = Config();
        var batch = Batch(random, 4, 9);
        var labels = Labels(Head.SequenceClassification, batch, random);
        using var model = Model(
            config,
            Head.SequenceClassification,
            Float32 with
            {
                LearningRateFactor = p => Bert.Architecture.Depth(config, p.Name) > 1 ? 1 : 0,
            }
        );
        using var before = model.Snapshot();
        model.Accumulate(batch, labels, [0.25], 1);
        var learning = model.Parameters.Where(p => Bert.Architecture.Depth(config, p.Name) > 1).ToArray();
        var norm = Math.Sqrt(learning.Sum(p => model.Gradient(p.Name).Sum(x => (double)x * x)));
        Assert.AreEqual(norm, model.Step(1e-3, double.PositiveInfinity), 1e-4 * norm);
        using var after = model.Snapshot();
        foreach (var parameter in model.Parameters)
        {
            var (a, b) = (new float[parameter.Count], new float[parameter.Count]);
            before.Read(parameter.Name, a);
            after.Read(parameter.Name, b);
            Assert.AreEqual(!learning.Contains(parameter), a.AsSpan().SequenceEqual(b), parameter.Name);
        }
    }

    [TestMethod]
    public void A_gradient_that_is_not_finite_changes_nothing()
    {
        var random = new Random(9);
        var batch = Batch(random, 4, 9);
        var labels = Labels(Head.SequenceClassification, batch, random);
        using var model = Model(Config(), Head.SequenceClassification, Float32);
        using var before = new MemoryStream();
        model.SaveState(before);
        model.Accumulate(batch, labels, [double.NaN], 1);
        Assert.IsFalse(double.IsFinite(model.Step(1e-3, 1)));
        using var after = new MemoryStream();
        model.SaveState(after);
        CollectionAssert.AreEqual(before.ToArray(), after.ToArray());
    }

    [TestMethod]
    public void Memory_does_not_grow_with_the_steps()
    {
        var random = new Random(13);
        using var model = Model(Config(), Head.MaskedLM, Float32);
        void Steps(int count)
        {
            for (var step = 0; step < count; step++)
            {
                var batch = Batch(random, 8, random.Next(5, 40));
                model.Accumulate(batch, Labels(Head.MaskedLM, batch, random), [0.05], (ulong)step);
                model.Step(1e-4, 1);
            }
        }
        Steps(150);
        var (tensors, resident) = (TorchSharp.torch.Tensor.TotalCount, Environment.WorkingSet);
        Steps(300);
        Assert.AreEqual(tensors, TorchSharp.torch.Tensor.TotalCount, "Every tensor of a step dies with it.");
        Assert.IsLessThan(resident + (64 << 20), Environment.WorkingSet, "Resident memory grew by more than 64 MB in 300 small steps.");
    }
}
