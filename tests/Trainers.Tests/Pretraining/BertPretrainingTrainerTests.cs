using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.Pretraining;

[TestClass]
public sealed class BertPretrainingTrainerTests
{
    private readonly MLContext _context = new(seed: 1);

    private static BertConfig Config { get; } =
        new()
        {
            VocabSize = TestCorpus.Tokenizer.VocabularySize,
            HiddenSize = 32,
            NumHiddenLayers = 1,
            NumAttentionHeads = 2,
            IntermediateSize = 32,
            MaxPositionEmbeddings = 24,
            HiddenDropoutProb = 0.05,
            AttentionProbsDropoutProb = 0.05,
        };

    [TestMethod]
    [DataRow(SequenceLayout.Packed)]
    [DataRow(SequenceLayout.LineByLine)]
    [DataRow(SequenceLayout.SentencePairs)]
    public void It_learns_to_predict_what_can_be_predicted(SequenceLayout sequences)
    {
        using var corpus = new TestCorpus();
        // All words of a document are the same.
        var documents = TestCorpus
            .Tokenizer.Vocabulary.Skip(5)
            .SelectMany(word => Enumerable.Repeat(string.Join(' ', Enumerable.Repeat(word, 7)), 4).Select(sentence => $"{sentence}\n{sentence}\n{sentence}"));
        var text = corpus.Write("a.txt", string.Join("\n\n", documents));
        var options = Options(sequences);
        (options.NumberOfEpochs, options.LearningRate, options.ValidationSet) = (40, 1e-2, TestCorpus.Load(text));
        var before = _context.Transforms.Text.EvaluateBertPretraining(TestCorpus.Load(text), options);
        using var transformer = _context.Transforms.Text.BertPretraining(options).Fit(TestCorpus.Load(text));
        transformer.SavePretrained(corpus.Path("model"));
        options.Model = null;
        options.Checkpoint = corpus.Path("model");
        var after = _context.Transforms.Text.EvaluateBertPretraining(TestCorpus.Load(text), options);
        Assert.IsLessThan(0.5 * before.Loss, after.Loss, $"{before} {after}");
        Assert.IsGreaterThan(0.7, after.Accuracy, $"{after}");
        Assert.AreEqual(Math.Exp(after.Loss), after.Perplexity);
        Assert.AreEqual(sequences == SequenceLayout.SentencePairs, after.NextSentenceAccuracy is not null);
        using var model = PretrainedModel.Load(corpus.Path("model"));
        Assert.AreEqual(sequences == SequenceLayout.SentencePairs ? Head.PreTraining : Head.MaskedLM, model.Head);
        Assert.IsEmpty(Directory.GetFiles(corpus.Folder, "*.tokens*"), "Files that nobody asked to keep are gone.");
    }

    [TestMethod]
    public void It_is_an_estimator_as_ML_NET_wants_them()
    {
        using var corpus = new TestCorpus();
        var options = Options();
        options.MaximumNumberOfSteps = 2;
        options.DocumentColumnName = null;
        var data = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(_ => new { Text = TestCorpus.Sentence(new Random(3)) + " [MASK]" }));
        ComponentContract.Check(_context, _context.Transforms.Text.BertPretraining(options), data, tolerance: 1e-4);
        options.TextColumnName = "Body";
        ComponentContract.Refuses(_context.Transforms.Text.BertPretraining(options), data, "'Body'");
        (options.TextColumnName, options.DocumentColumnName) = ("Text", "Doc");
        ComponentContract.Refuses(_context.Transforms.Text.BertPretraining(options), data, "'Doc'");
    }

    [TestMethod]
    public void Stopped_at_random_steps_and_resumed_it_ends_with_the_same_weights()
    {
        using var corpus = new TestCorpus();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var text = corpus.WriteDocuments("a.txt", 150, random);
        var options = Options(SequenceLayout.SentencePairs);
        (options.NumberOfEpochs, options.ValidationFraction, options.TokenCacheFile) = (3, 0.2, corpus.Path("tokens"));
        Fit("whole");
        (options.CheckpointFolder, options.CheckpointSteps) = (corpus.Path("checkpoints"), 3);
        var stops = 0;
        while (true)
        {
            using var cancellation = new CancellationTokenSource();
            var left = random.Next(2, 15);
            options.Progress = new Reports(_ =>
            {
                if (--left == 0)
                    cancellation.Cancel();
            });
            options.CancellationToken = cancellation.Token;
            try
            {
                Fit("resumed");
                break;
            }
            catch (OperationCanceledException)
            {
                stops++;
            }
        }
        Assert.IsGreaterThan(1, stops, $"seed {seed}");
        CollectionAssert.AreEqual(File.ReadAllBytes(Weights("whole")), File.ReadAllBytes(Weights("resumed")), $"seed {seed}");

        string Weights(string name) => Path.Combine(corpus.Path(name), "model.safetensors");

        void Fit(string name)
        {
            using var transformer = _context.Transforms.Text.BertPretraining(options).Fit(TestCorpus.Load(text));
            transformer.SavePretrained(corpus.Path(name));
        }
    }

    [TestMethod]
    public void Resuming_with_other_text_or_settings_lists_the_differences()
    {
        using var corpus = new TestCorpus();
        var options = Options();
        (options.CheckpointFolder, options.MaximumNumberOfSteps) = (corpus.Path("checkpoints"), 2);
        _context.Transforms.Text.BertPretraining(options).Fit(TestCorpus.Load(corpus.WriteDocuments("a.txt", 60, new Random(1)))).Dispose();
        (options.Sequences, options.BatchSize, options.Masking) = (SequenceLayout.LineByLine, 5, new() { Rate = 0.3 });
        options.Model = PretrainedModel.Create(Config with { IntermediateSize = 64 }, Head.MaskedLM, TestCorpus.Tokenizer);
        var e = Assert.ThrowsExactly<InvalidOperationException>(() =>
            _context.Transforms.Text.BertPretraining(options).Fit(TestCorpus.Load(corpus.WriteDocuments("b.txt", 60, new Random(2))))
        );
        foreach (
            var difference in new[]
            {
                "Sequences (then Packed, now LineByLine)",
                "BatchSize (then 8, now 5)",
                "Masking.Rate (then 0.15, now 0.3)",
                "model.IntermediateSize (then 32, now 64)",
                "training data (then",
            }
        )
            StringAssert.Contains(e.Message, difference);
        Assert.DoesNotContain("Masking.MaskShare", e.Message, "Only what differs is listed.");
    }

    [TestMethod]
    public void Accumulated_batches_of_pairs_equal_a_whole_one()
    {
        using var corpus = new TestCorpus();
        var text = corpus.WriteDocuments("a.txt", 60, new Random(1));
        var (whole, parts) = (Train(8, 1), Train(2, 4));
        Assert.HasCount(5, whole);
        for (var step = 0; step < whole.Count; step++)
        {
            Assert.AreEqual(whole[step].Loss, parts[step].Loss, 1e-4 * whole[step].Loss, $"loss of step {step}");
            Assert.AreEqual(whole[step].GradientNorm, parts[step].GradientNorm, 1e-3 * whole[step].GradientNorm, $"gradient of step {step}");
        }

        List<TrainingProgress> Train(int batchSize, int accumulation)
        {
            var steps = new List<TrainingProgress>();
            var options = Options(SequenceLayout.SentencePairs);
            options.Model = PretrainedModel.Create(
                Config with
                {
                    HiddenDropoutProb = 0,
                    AttentionProbsDropoutProb = 0,
                },
                Head.PreTraining,
                TestCorpus.Tokenizer
            );
            (options.BatchSize, options.GradientAccumulationSteps, options.GroupByLength, options.MaximumNumberOfSteps) = (batchSize, accumulation, false, 5);
            (options.Precision, options.Progress) = (
                TrainingPrecision.Float32,
                new Reports(report =>
                {
                    if (report.Metrics is null)
                        steps.Add(report);
                })
            );
            _context.Transforms.Text.BertPretraining(options).Fit(TestCorpus.Load(text)).Dispose();
            return steps;
        }
    }

    [TestMethod]
    public void Masking_is_new_at_every_epoch_unless_it_is_static_and_always_the_same_for_a_seed()
    {
        using var corpus = new TestCorpus();
        using var cache = corpus.Build(corpus.WriteDocuments("a.txt", 100, new Random(1)));
        var rows = Enumerable.Range(0, cache.Count).ToArray();
        var (dynamic, fixedly) = (Masked(1, isStatic: false), Masked(1, isStatic: true));
        CollectionAssert.AreEqual(Ids(dynamic, rows, 0), Ids(dynamic, rows, 0));
        CollectionAssert.AreNotEqual(Ids(dynamic, rows, 0), Ids(dynamic, rows, 1));
        CollectionAssert.AreEqual(Ids(fixedly, rows, 0), Ids(fixedly, rows, 1));
        CollectionAssert.AreNotEqual(Ids(dynamic, rows, 0), Ids(Masked(2, isStatic: false), rows, 0));
        // What a row's masking is does not depend on the rows beside it.
        CollectionAssert.AreEqual(Ids(dynamic, rows, 3)[^cache.LongestRow..], Ids(dynamic, rows[^1..], 3));

        PretrainingTexts Masked(ulong seed, bool isStatic) => new(cache, 0, new Masking.TokenMasker(TestCorpus.Tokenizer, new()), seed, isStatic);

        static long[] Ids(PretrainingTexts texts, int[] rows, int epoch)
        {
            var batch = new TokenBatch();
            var labels = texts.Fill(rows, epoch, batch);
            Assert.AreEqual(labels["labels"]!.Count(label => label != -100), labels.Weights[0]);
            return batch.InputIds[..(batch.Rows * batch.Length)];
        }
    }

    [TestMethod]
    public void Validation_has_a_masking_and_a_seed_of_its_own_that_training_does_not_notice()
    {
        using var corpus = new TestCorpus();
        var data = TestCorpus.Load(corpus.WriteDocuments("a.txt", 60, new Random(1)));
        var heldOut = TestCorpus.Load(corpus.WriteDocuments("b.txt", 60, new Random(2)));
        Masking.MaskingOptions common =
                new()
                {
                    MaskShare = 1,
                    RandomShare = 0,
                    KeepShare = 0,
                },
            keep =
                new()
                {
                    MaskShare = 0,
                    RandomShare = 0,
                    KeepShare = 1,
                };

        // What training reports is what evaluating the resulting model with this masking and seed gives.
        var (options, reported) = Train(options => (options.ValidationSet, options.ValidationMasking, options.ValidationSeed) = (heldOut, common, 9));
        (options.Model, options.Checkpoint, options.Masking, options.Seed) = (null, corpus.Path("model"), common, 9);
        var evaluated = _context.Transforms.Text.EvaluateBertPretraining(heldOut, options);
        Assert.AreEqual(evaluated.Loss, reported, 1e-6);
        var weights = File.ReadAllBytes(Path.Combine(corpus.Path("model"), "model.safetensors"));

        // Without them validation is masked as training is.
        (options, var ownMasking) = Train(options => options.ValidationSet = heldOut);
        CollectionAssert.AreEqual(weights, File.ReadAllBytes(Path.Combine(corpus.Path("model"), "model.safetensors")));
        (options.Model, options.Checkpoint) = (null, corpus.Path("model"));
        Assert.AreEqual(_context.Transforms.Text.EvaluateBertPretraining(heldOut, options).Loss, ownMasking, 1e-6);
        Assert.AreNotEqual(reported, ownMasking);

        // And so it is where a part of the rows is held out.
        var losses = new[] { common, keep, null }
            .Select(masking => Train(options => (options.ValidationFraction, options.ValidationMasking) = (0.3, masking)).Loss)
            .ToList();
        Assert.AreEqual(3, losses.Distinct().Count(), string.Join(", ", losses));

        (BertPretrainingTrainer.Options Options, double Loss) Train(Action<BertPretrainingTrainer.Options> change)
        {
            var (options, loss) = (Options(), double.NaN);
            options.MaximumNumberOfSteps = 10;
            options.Precision = TrainingPrecision.Float32;
            options.Progress = new Reports(report => loss = report.ValidationLoss ?? loss);
            change(options);
            using var model = _context.Transforms.Text.BertPretraining(options).Fit(data);
            model.SavePretrained(corpus.Path("model"));
            return (options, loss);
        }
    }

    [TestMethod]
    public void Options_out_of_range_are_named()
    {
        using var corpus = new TestCorpus();
        Named(options => options.MaximumLength = 7, "MaximumLength");
        Named(options => options.Sequences = (SequenceLayout)9, "Sequences");
        Named(options => options.TokenCacheFile = " ", "TokenCacheFile");
        Named(options => options.ValidationMasking = new() { Rate = 1 }, "Rate");
        Named(options => options.LearningRate = 0, "LearningRate");
        Assert.ThrowsExactly<ArgumentException>(() => _context.Transforms.Text.BertPretraining(new BertPretrainingTrainer.Options()));
        var tooLong = Options();
        tooLong.MaximumLength = 25;
        StringAssert.Contains(
            Assert
                .ThrowsExactly<InvalidOperationException>(() =>
                    _context.Transforms.Text.BertPretraining(tooLong).Fit(TestCorpus.Load(corpus.Write("a.txt", "the fox")))
                )
                .Message,
            "at most 24 tokens"
        );

        void Named(Action<BertPretrainingTrainer.Options> change, string name)
        {
            var options = Options();
            change(options);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Transforms.Text.BertPretraining(options)).Message, name);
        }
    }

    private static BertPretrainingTrainer.Options Options(SequenceLayout sequences = SequenceLayout.Packed) =>
        new()
        {
            Model = PretrainedModel.Create(Config, Head.MaskedLM, TestCorpus.Tokenizer),
            DocumentColumnName = "Document",
            Sequences = sequences,
            MaximumLength = 24,
            BatchSize = 8,
            Seed = 5,
        };

    private sealed class Reports(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
