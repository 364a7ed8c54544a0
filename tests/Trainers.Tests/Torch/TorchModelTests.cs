using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Training;
using static BertMl.Torch.SmallNetwork;

namespace BertMl.Torch;

/// <summary>Losses and gradients of the torch interpreter on small random models, without reference files.</summary>
[TestClass]
public sealed class TorchModelTests
{
    [TestMethod]
    [DataRow("SequenceClassification", 48, 3)]
    [DataRow("SequenceClassification", 30, 5)]
    [DataRow("SequenceClassification", 64, 2)]
    [DataRow("TokenClassification", 48, 3)]
    [DataRow("MaskedLM", 48, 3)]
    [DataRow("PreTraining", 64, 2)]
    [DataRow("NextSentencePrediction", 48, 3)]
    [DataRow("QuestionAnswering", 48, 3)]
    [DataRow("MultipleChoice", 48, 3)]
    public void The_kernels_for_the_CPU_compute_what_plain_torch_operations_do(string headName, int width, int heads)
    {
        var task = HeadNames.Find(headName);
        var seed = Random.Shared.Next();
        Console.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var config = Config(width, heads);
        var batch = Batch(random, 6, random.Next(2, 38));
        var labels = Labels(task, batch, random);
        var smoothing = task == Head.SequenceClassification ? 0.1 : 0;
        var weights = task == Head.TokenClassification ? new[] { 0.5f, 2, 1 } : null;
        using var fast = Model(config, task, Float32 with { LabelSmoothing = smoothing, ClassWeights = weights });
        using var plain = Model(config, task, Float32 with { LabelSmoothing = smoothing, ClassWeights = weights, PlainOperations = true });
        var (one, other) = (fast.Accumulate(batch, labels, [0.25, 0.5], 5), plain.Accumulate(batch, labels, [0.25, 0.5], 5));
        foreach (var (expectedTerm, term) in other.Terms!.Zip(one.Terms!))
        {
            Assert.AreEqual(expectedTerm.Loss, term.Loss, 1e-4 * Math.Abs(expectedTerm.Loss) + 1e-5);
            Assert.AreEqual(expectedTerm.Weight, term.Weight, 1e-4);
            Assert.AreEqual((expectedTerm.Correct, expectedTerm.Count), (term.Correct, term.Count));
        }
        foreach (var parameter in fast.Parameters.Where(p => !p.Name.EndsWith("key.bias", StringComparison.Ordinal)))
            GoldenCase.AssertClose(plain.Gradient(parameter.Name), fast.Gradient(parameter.Name), 1e-4, parameter.Name);
        var norm = plain.Step(1e-3, 1);
        Assert.AreEqual(norm, fast.Step(1e-3, 1), 1e-4 * norm);
    }

    [TestMethod]
    public void Pretraining_sums_two_means_however_rows_are_divided_into_batches()
    {
        var seed = Random.Shared.Next();
        Console.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var config = Config() with { HiddenDropoutProb = 0, AttentionProbsDropoutProb = 0 };
        var texts = new TokenizedTexts();
        for (var row = 0; row < 6; row++)
            texts.Add([.. Enumerable.Range(0, 12).Select(_ => random.Next(1, 61))], 5, truncated: false);
        // Rows with few and with many masked tokens, and two without any.
        var classes = Enumerable
            .Range(0, 6)
            .Select(row => Enumerable.Range(0, 12).Select(t => row < 2 || t % row > 0 ? -100L : random.Next(61)).ToArray())
            .ToArray();
        var next = Enumerable.Range(0, 6).Select(_ => (long)random.Next(2)).ToArray();
        var (masked, rows) = (classes.Sum(row => row.Count(label => label >= 0)), 6.0);
        using var whole = Model(config, Head.PreTraining, Float32);
        using var parts = Model(config, Head.PreTraining, Float32);
        var expected = Accumulate(whole, [0, 1, 2, 3, 4, 5]);
        var sum = Accumulate(parts, [0, 1]) + Accumulate(parts, [2]) + Accumulate(parts, [3, 4, 5]);
        Assert.AreEqual(expected.Mean(), sum.Mean(), 1e-5);
        Assert.AreEqual(expected.Terms![0].Loss / masked + expected.Terms[1].Loss / rows, expected.Mean(), 1e-9);
        Assert.AreEqual((masked, rows), (sum.Terms![0].Weight, sum.Terms[1].Weight));
        foreach (var parameter in whole.Parameters.Where(p => !p.Name.EndsWith("key.bias", StringComparison.Ordinal)))
            GoldenCase.AssertClose(whole.Gradient(parameter.Name), parts.Gradient(parameter.Name), 1e-4, parameter.Name);

        LossSum Accumulate(TorchModel model, int[] chosen)
        {
            var batch = new TokenBatch();
            batch.Fill(texts, chosen, 0);
            TrainingLabels labels = new()
            {
                ["labels"] = [.. chosen.SelectMany(row => classes[row])],
                ["next_sentence_label"] = [.. chosen.Select(row => next[row])],
            };
            return model.Accumulate(batch, labels, [1.0 / masked, 1 / rows], 1);
        }
    }

    [TestMethod]
    public void Gradients_are_the_slopes_of_the_loss()
    {
        var random = new Random(3);
        var config = Config() with { HiddenDropoutProb = 0, AttentionProbsDropoutProb = 0 };
        var batch = Batch(random, 4, 11);
        var labels = Labels(Head.MaskedLM, batch, random);
        using var source = PretrainedModel.Create(config, Head.MaskedLM, null, seed: 7);
        using var model = new TorchModel(config, Head.MaskedLM, source.Weights, Float32);
        model.Accumulate(batch, labels, [1], 1);
        var squared = model.Parameters.Sum(p => model.Gradient(p.Name).Sum(x => (double)x * x));
        double Loss(double along)
        {
            using var moved = new InMemoryTensors();
            foreach (var parameter in model.Parameters)
            {
                var (values, gradient) = (new float[parameter.Count], model.Gradient(parameter.Name));
                source.Weights.Read(parameter.Name, values);
                moved.Add(parameter.Name, parameter.Shape, [.. values.Zip(gradient, (value, slope) => (float)(value + along * slope / Math.Sqrt(squared)))]);
            }
            using var other = new TorchModel(config, Head.MaskedLM, moved, Float32);
            return other.Evaluate(batch, labels).Terms![0].Loss;
        }
        var slope = (Loss(2e-3) - Loss(-2e-3)) / 4e-3;
        Assert.AreEqual(Math.Sqrt(squared), slope, 0.01 * slope);
    }

    [TestMethod]
    public void Mixed_precision_stays_nearFloat32()
    {
        var random = new Random(5);
        var batch = Batch(random, 8, 30);
        var labels = Labels(Head.SequenceClassification, batch, random);
        using var exact = Model(Config(), Head.SequenceClassification, Float32);
        using var mixed = Model(Config(), Head.SequenceClassification, new() { Precision = TrainingPrecision.BFloat16 });
        Assert.AreEqual("bfloat16 mixed", mixed.Precision);
        exact.Accumulate(batch, labels, [0.125], 1);
        mixed.Accumulate(batch, labels, [0.125], 1);
        foreach (var name in new[] { "classifier.weight", "bert.encoder.layer.0.intermediate.dense.weight", "bert.embeddings.word_embeddings.weight" })
            GoldenCase.AssertClose(exact.Gradient(name), mixed.Gradient(name), 0.1, name);
    }

    [TestMethod]
    public void Bad_batches_are_refused_before_any_work()
    {
        using var model = Model(Config(), Head.SequenceClassification, Float32);
        TokenBatch Rows(params int[] ids)
        {
            var texts = new TokenizedTexts();
            texts.Add(ids, ids.Length, truncated: false);
            var batch = new TokenBatch();
            batch.Fill(texts, [0], 0);
            return batch;
        }
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => model.Accumulate(Rows(1, 61), new() { ["labels"] = [0] }, [1], 1)).Message,
            "token id 61"
        );
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => model.Accumulate(Rows(new int[41]), new() { ["labels"] = [0] }, [1], 1)).Message,
            "41 tokens"
        );
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.Accumulate(Rows(1), new() { ["labels"] = [3] }, [1], 1)).Message, "class 3");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.Accumulate(Rows(1), new(), [1], 1)).Message, "The batch needs");
        using var cut = new MemoryStream(new byte[10]);
        Assert.ThrowsExactly<InvalidDataException>(() => model.LoadState(cut));
    }
}
