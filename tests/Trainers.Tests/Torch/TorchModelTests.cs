using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Training;

namespace BertMl.Torch;

/// <summary>The torch interpreter on small random models, without reference files.</summary>
[TestClass]
public sealed class TorchModelTests
{
    private const double Dropout = 0.2;

    private static BertConfig Config(int width = 48, int heads = 3, int labels = 3) =>
        new()
        {
            VocabSize = 61,
            HiddenSize = width,
            NumHiddenLayers = 2,
            NumAttentionHeads = heads,
            IntermediateSize = 2 * width + 8,
            MaxPositionEmbeddings = 40,
            HiddenDropoutProb = Dropout,
            AttentionProbsDropoutProb = Dropout,
            InitializerRange = 0.3,
            Labels = [.. Enumerable.Range(0, labels).Select(i => $"L{i}")],
        };

    private static TokenBatch Batch(Random random, int rows, int longest)
    {
        var texts = new TokenizedTexts();
        for (var row = 0; row < rows; row++)
        {
            var length = row == 0 ? longest : random.Next(1, longest + 1);
            texts.Add([.. Enumerable.Range(0, length).Select(_ => random.Next(1, 61))], random.Next(1, length + 1), truncated: false);
        }
        var batch = new TokenBatch();
        batch.Fill(texts, [.. Enumerable.Range(0, rows)], 0);
        return batch;
    }

    private static TrainingLabels Labels(Head task, TokenBatch batch, Random random)
    {
        var tokens = batch.Rows * batch.Length;
        long[] Classes(int count, int classes) => [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(classes))];
        long[] Some(int classes) => [.. Classes(tokens, classes).Select((label, i) => batch.AttentionMask[i] == 0 || random.Next(3) > 0 ? -100 : label)];
        return task.Name switch
        {
            "MaskedLM" => new() { ["labels"] = Some(61) },
            "PreTraining" => new() { ["labels"] = Some(61), ["next_sentence_label"] = Classes(batch.Rows, 2) },
            "TokenClassification" => new() { ["labels"] = Some(3) },
            "QuestionAnswering" => new()
            {
                ["start_positions"] = Classes(batch.Rows, batch.Length + 3),
                ["end_positions"] = Classes(batch.Rows, batch.Length + 3),
            },
            "MultipleChoice" => new() { ["labels"] = Classes(batch.Rows / 2, 2) },
            "NextSentencePrediction" => new() { ["labels"] = Classes(batch.Rows, 2) },
            _ => new() { ["labels"] = Classes(batch.Rows, 3) },
        };
    }

    private static TorchModel Model(BertConfig config, Head task, TorchOptions options)
    {
        using var source = PretrainedModel.Create(config, task, null, seed: 7);
        return new TorchModel(config, task, source.Weights, options);
    }

    private static readonly TorchOptions _float32 = new() { Precision = TrainingPrecision.Float32 };

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
        using var fast = Model(config, task, _float32 with { LabelSmoothing = smoothing, ClassWeights = weights });
        using var plain = Model(config, task, _float32 with { LabelSmoothing = smoothing, ClassWeights = weights, PlainOperations = true });
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
        var options = _float32 with { PlainOperations = plain, WeightDecay = decay, Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon };
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
        using var whole = Model(config, Head.PreTraining, _float32);
        using var parts = Model(config, Head.PreTraining, _float32);
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
        using var model = new TorchModel(config, Head.MaskedLM, source.Weights, _float32);
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
            using var other = new TorchModel(config, Head.MaskedLM, moved, _float32);
            return other.Evaluate(batch, labels).Terms![0].Loss;
        }
        var slope = (Loss(2e-3) - Loss(-2e-3)) / 4e-3;
        Assert.AreEqual(Math.Sqrt(squared), slope, 0.01 * slope);
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
    public void Mixed_precision_stays_near_float32()
    {
        var random = new Random(5);
        var batch = Batch(random, 8, 30);
        var labels = Labels(Head.SequenceClassification, batch, random);
        using var exact = Model(Config(), Head.SequenceClassification, _float32);
        using var mixed = Model(Config(), Head.SequenceClassification, new() { Precision = TrainingPrecision.BFloat16 });
        Assert.AreEqual("bfloat16 mixed", mixed.Precision);
        exact.Accumulate(batch, labels, [0.125], 1);
        mixed.Accumulate(batch, labels, [0.125], 1);
        foreach (var name in new[] { "classifier.weight", "bert.encoder.layer.0.intermediate.dense.weight", "bert.embeddings.word_embeddings.weight" })
            GoldenCase.AssertClose(exact.Gradient(name), mixed.Gradient(name), 0.1, name);
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
            _float32 with
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
        using var model = Model(Config(), Head.SequenceClassification, _float32);
        using var before = new MemoryStream();
        model.SaveState(before);
        model.Accumulate(batch, labels, [double.NaN], 1);
        Assert.IsFalse(double.IsFinite(model.Step(1e-3, 1)));
        using var after = new MemoryStream();
        model.SaveState(after);
        CollectionAssert.AreEqual(before.ToArray(), after.ToArray());
    }

    [TestMethod]
    public void Bad_batches_are_refused_before_any_work()
    {
        using var model = Model(Config(), Head.SequenceClassification, _float32);
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

    [TestMethod]
    public void Memory_does_not_grow_with_the_steps()
    {
        var random = new Random(13);
        using var model = Model(Config(), Head.MaskedLM, _float32);
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
