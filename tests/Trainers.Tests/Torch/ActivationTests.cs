using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Tokenization;
using BertMl.Training;

namespace BertMl.Torch;

/// <summary>Every activation that a config.json can name learns by its true gradient, and is exported as it is learned.</summary>
[TestClass]
public sealed class ActivationTests
{
    public static IEnumerable<object[]> Activations => Enum.GetValues<Activation>().Select(activation => new object[] { activation });

    private static BertConfig Config(Activation activation) =>
        new()
        {
            VocabSize = 20,
            HiddenSize = 8,
            NumHiddenLayers = 1,
            NumAttentionHeads = 2,
            IntermediateSize = 12,
            MaxPositionEmbeddings = 8,
            HiddenDropoutProb = 0,
            AttentionProbsDropoutProb = 0,
            InitializerRange = 0.5,
            HiddenAct = activation,
        };

    private static TokenBatch Batch()
    {
        var texts = new TokenizedTexts();
        texts.Add([2, 7, 9, 11, 3], 5, truncated: false);
        texts.Add([2, 5, 3], 3, truncated: false);
        var batch = new TokenBatch();
        batch.Fill(texts, [0, 1], 0);
        return batch;
    }

    // Of what comes before the activation, and of its own parameters.
    [TestMethod]
    [DynamicData(nameof(Activations))]
    public void Gradients_are_the_slopes_of_the_loss(Activation activation)
    {
        const double step = 2e-3;
        using var source = PretrainedModel.Create(Config(activation), Head.MaskedLM, null, seed: 4);
        var (batch, labels) = (Batch(), new TrainingLabels { ["labels"] = [4, -100, 6, 1, -100, 8, 2, -100, -100, -100] });
        using var model = new TorchModel(source.Config, source.Head, source.Weights, new() { Precision = TrainingPrecision.Float32 });
        var scale = 1 / model.Evaluate(batch, labels).Terms![0].Weight;
        model.Accumulate(batch, labels, [scale], 1);
        var learned = model.Parameters.Where(parameter => parameter.IsTrained && parameter.Name.Contains("act_fn", StringComparison.Ordinal)).ToList();
        Assert.HasCount(
            activation switch
            {
                Activation.Prelu => 2,
                Activation.Xielu => 4,
                _ => 0,
            },
            learned
        );
        foreach (var name in learned.Select(parameter => parameter.Name).Prepend("bert.encoder.layer.0.intermediate.dense.bias"))
        {
            var gradient = model.Gradient(name);
            for (var i = 0; i < Math.Min(gradient.Length, 4); i++)
            {
                // On one side there may be a kink.
                var (before, here, after) = (Loss(name, i, -step), Loss(name, i, 0), Loss(name, i, step));
                double[] slopes = [(after - before) / (2 * step), (after - here) / step, (here - before) / step];
                Assert.IsTrue(
                    Array.Exists(slopes, slope => Math.Abs(slope - gradient[i]) <= 2e-3 + 0.02 * Math.Abs(slope)),
                    $"{name}[{i}]: {gradient[i]}, but the slopes are {string.Join(", ", slopes)}"
                );
            }
        }

        double Loss(string name, int place, double change)
        {
            var moved = new InMemoryTensors();
            foreach (var parameter in model.Parameters)
            {
                var values = source.Weights.ReadAll(parameter.Name);
                if (parameter.Name == name)
                    values[place] += (float)change;
                moved.Add(parameter.Name, parameter.Shape, values);
            }
            using var other = new TorchModel(source.Config, source.Head, moved, new() { Precision = TrainingPrecision.Float32 });
            return other.Evaluate(batch, labels).Mean();
        }
    }

    [TestMethod]
    [DynamicData(nameof(Activations))]
    public void A_step_changes_what_is_learned_and_nothing_else(Activation activation)
    {
        using var source = PretrainedModel.Create(Config(activation), Head.MaskedLM, null, seed: 4);
        using var model = new TorchModel(source.Config, source.Head, source.Weights, new() { Precision = TrainingPrecision.Float32 });
        model.Accumulate(Batch(), new() { ["labels"] = [4, -100, 6, 1, -100, 8, 2, -100, -100, -100] }, [1], 1);
        model.Step(1e-2, 1);
        using var weights = model.Snapshot();
        foreach (var parameter in model.Parameters.Where(parameter => parameter.Name.Contains("act_fn", StringComparison.Ordinal)))
        {
            var same = source.Weights.ReadAll(parameter.Name).AsSpan().SequenceEqual(weights.ReadAll(parameter.Name));
            Assert.AreNotEqual(parameter.IsTrained, same, parameter.Name);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Activations))]
    public void It_is_exported_and_computed_as_by_the_textbook(Activation activation)
    {
        using var source = PretrainedModel.Create(Config(activation), Head.MaskedLM, null, seed: 4);
        using var folder = new TemporaryFolder();
        foreach (var operators in Enum.GetValues<OnnxOperators>())
            Assert.IsLessThan(1e-5, source.SaveOnnx(folder["model.onnx"], new() { Operators = operators }).LargestDifference);
    }

    // Values of transformers' modules (ACT2FN of 5.23) in double precision, at -20, -1.5, 0.5 and 20.
    [TestMethod]
    [DataRow(Activation.SqrtSoftplus, 4.539993e-05, 0.44879091, 0.98695339, 4.472136)]
    [DataRow(Activation.Mish, -4.1223072e-08, -0.29809974, 0.37524521, 20)]
    public void Logarithms_of_small_numbers_keep_their_digits(Activation activation, params double[] expected)
    {
        var x = new ReferenceTensor([4], [-20, -1.5, 0.5, 20]);
        INetwork<ReferenceTensor> net = new ReferenceNetwork(new InMemoryTensors());
        foreach (var (value, found) in expected.Zip(net.Activation(x, activation).Data))
            Assert.AreEqual(value, found, 1e-6 * Math.Abs(value));
    }
}
