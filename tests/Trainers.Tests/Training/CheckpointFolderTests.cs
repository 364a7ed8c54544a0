using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;

namespace BertMl.Training;

[TestClass]
public sealed class CheckpointFolderTests
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "BertMl.Tests", Guid.NewGuid().ToString("N"));

    public required TestContext TestContext { get; set; }

    [TestCleanup]
    public void Cleanup()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private TestOptions Options(Action<TestOptions>? change = null)
    {
        var options = new TestOptions
        {
            NumberOfEpochs = 5,
            BatchSize = 8,
            GradientAccumulationSteps = 2,
            LearningRate = 0.05,
            CheckpointFolder = _folder,
            EarlyStoppingPatience = 4,
        };
        change?.Invoke(options);
        return options;
    }

    private static float[] Train(TestOptions options, int rows = 150, ulong seed = 3, Action<BagOfTokensLearner>? prepare = null, bool validate = true)
    {
        var learner = new BagOfTokensLearner(SyntheticTexts.Vocabulary, SyntheticTexts.Classes);
        prepare?.Invoke(learner);
        var validation = validate ? new SyntheticTexts(30, seed: 2) : null;
        using var result = new TrainingLoop(learner, new SyntheticTexts(rows), validation, options, new() { Seed = seed }).Run().Weights;
        return result.ReadAll("weights");
    }

    private string[] Folders() => [.. Directory.GetDirectories(_folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    [TestMethod]
    public void A_setting_that_a_checkpoint_of_an_earlier_version_lacks_counts_as_its_default()
    {
        Run(new() { Seed = 3 });
        Run(WithSetting(7));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Run(WithSetting(8)));
        Assert.Contains("differs in a new setting (then 7, now 8).", error.Message);

        static TrainingEnvironment WithSetting(int value) =>
            new()
            {
                Seed = 3,
                Decisive = () => [("a new setting", value)],
                Defaults = () => [("a new setting", 7)],
            };

        void Run(TrainingEnvironment environment)
        {
            var learner = new BagOfTokensLearner(SyntheticTexts.Vocabulary, SyntheticTexts.Classes);
            new TrainingLoop(learner, new SyntheticTexts(30), null, Options(o => o.EarlyStoppingPatience = null), environment).Run().Weights.Dispose();
        }
    }

    [TestMethod]
    [DataRow(KeptEpoch.Best, null)]
    [DataRow(KeptEpoch.Best, ValidationMetric.Loss)]
    [DataRow(KeptEpoch.Best, ValidationMetric.MacroF1)]
    [DataRow(KeptEpoch.Last, null)]
    public void A_training_killed_again_and_again_ends_with_the_same_weights(KeptEpoch kept, string? metric)
    {
        var seed = Random.Shared.Next();
        TestContext.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var expected = Train(Options(o => (o.CheckpointFolder, o.KeptEpoch, o.BestEpochMetric) = (null, kept, metric)));
        for (var round = 0; round < 5; round++)
        {
            var (kills, every) = (0, random.Next(1, 12));
            float[]? weights = null;
            while (weights is null)
            {
                // Steps of this process, not of the training: it gets further each time.
                var (left, inValidation, steps) = (random.Next(every, 40), random.Next(4) == 0, 0);
                using var source = new CancellationTokenSource();
                // Validating in between, or not, changes nothing.
                var options = Options(o =>
                    (o.CheckpointSteps, o.CancellationToken, o.KeptEpoch, o.BestEpochMetric, o.CheckpointsToKeep, o.ValidationSteps) = (
                        every,
                        source.Token,
                        kept,
                        metric,
                        random.Next(1, 3),
                        random.Next(2) == 0 ? null : random.Next(1, 6)
                    )
                );
                if (random.Next(2) == 0)
                    options.Progress = new Listener<TrainingProgress>(r => Cancel(source, r.Metrics is null && ++steps == left));
                try
                {
                    weights = Train(
                        options,
                        prepare: learner =>
                        {
                            learner.OnAccumulate = _ => !inValidation && options.Progress is null && --left < 0 ? throw new KilledException() : 1;
                            if (inValidation)
                                learner.OnEvaluate = () => throw new KilledException();
                        }
                    );
                }
                catch (Exception e) when (e is KilledException or OperationCanceledException)
                {
                    // A training that dies in each validation never ends.
                    kills++;
                    Assert.IsLessThan(1000, kills);
                }
            }
            Assert.IsGreaterThan(0, kills, $"Seed {seed}, round {round}");
            TestContext.WriteLine($"Round {round}: killed {kills} times");
            CollectionAssert.AreEqual(expected, weights, $"Seed {seed}, round {round}");
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static void Cancel(CancellationTokenSource source, bool now)
    {
        if (now)
            source.Cancel();
    }

    private sealed class KilledException : Exception;

    [TestMethod]
    public void A_finished_training_is_not_repeated()
    {
        var first = Train(Options());
        CollectionAssert.AreEqual(first, Train(Options(), prepare: l => l.OnAccumulate = _ => throw new KilledException()));
    }

    [TestMethod]
    public void Only_as_many_checkpoints_as_asked_for_are_kept()
    {
        Train(Options(o => (o.CheckpointSteps, o.CheckpointsToKeep, o.KeptEpoch) = (3, 2, KeptEpoch.Last)));
        CollectionAssert.AreEqual(new[] { "step-00000048", "step-00000050-epoch" }, Folders());
    }

    [TestMethod]
    public void Going_on_with_other_options_or_data_lists_every_difference()
    {
        Train(Options());
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Train(Options(o => (o.LearningRate, o.BatchSize) = (0.01, 4)), rows: 151, seed: 4));
        foreach (
            var difference in (string[])
                ["BatchSize (then 8, now 4)", "LearningRate (then 0.05, now 0.01)", "Seed (then 3, now 4)", "training data (then 150 rows", "now 151 rows"]
        )
            Assert.Contains(difference, error.Message);
        Assert.DoesNotContain("WeightDecay", error.Message);
        error = Assert.ThrowsExactly<InvalidOperationException>(() => Train(Options(o => o.EarlyStoppingPatience = null), validate: false));
        Assert.Contains("validation data (then 30 rows", error.Message);
    }

    [TestMethod]
    public void Two_trainings_into_one_folder_are_an_error_for_the_second()
    {
        var error = "";
        Train(
            Options(),
            prepare: l =>
                l.OnAccumulate = step =>
                {
                    if (step == 3)
                        error = Assert.ThrowsExactly<IOException>(() => Train(Options())).Message;
                    return 1;
                }
        );
        Assert.Contains("Another training is writing to the checkpoint folder", error);
        Assert.Contains(_folder, error);
    }

    [TestMethod]
    public void A_loss_that_is_not_a_number_leaves_the_last_good_checkpoint()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Train(Options(o => o.CheckpointSteps = 4), prepare: l => l.OnAccumulate = step => step == 7 ? double.NaN : 1)
        );
        Assert.Contains("step 8", error.Message);
        Assert.Contains("step-00000004", error.Message);
        CollectionAssert.AreEqual(new[] { "step-00000004" }, Folders());
        CollectionAssert.AreEqual(Train(Options(o => o.CheckpointFolder = null)), Train(Options()));
    }

    [TestMethod]
    public void A_full_disk_is_one_error_and_leaves_the_last_good_checkpoint()
    {
        var learner = new FullDiskLearner(new BagOfTokensLearner(SyntheticTexts.Vocabulary, SyntheticTexts.Classes), 2);
        var error = Assert.ThrowsExactly<IOException>(() =>
            new TrainingLoop(
                learner,
                new SyntheticTexts(150),
                null,
                Options(o => (o.CheckpointSteps, o.EarlyStoppingPatience) = (4, null)),
                new() { Seed = 3 }
            ).Run()
        );
        Assert.Contains("step 12 could not be written", error.Message);
        Assert.Contains("No space left", error.Message);
        Assert.Contains("last good checkpoint there is 'step-00000010-epoch'", error.Message);
        CollectionAssert.AreEqual(new[] { "step-00000010-epoch" }, Folders());
    }

    [TestMethod]
    public void A_folder_that_cannot_be_made_is_one_error()
    {
        Directory.CreateDirectory(_folder);
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var error = Assert.ThrowsExactly<IOException>(() => Train(Options(o => o.CheckpointFolder = Path.Combine(file, "sub"))));
        Assert.Contains("cannot be made", error.Message);
    }

    [TestMethod]
    [DataRow("state.json", "{")]
    [DataRow("state.json", "{\"Step\": 5}")]
    [DataRow("learner.bin", "short")]
    [DataRow("checksums.json", "{")]
    [DataRow("checksums.json", "null")]
    [DataRow("checksums.json", "{\"FormatVersion\": 2, \"Files\": {}}")]
    [DataRow("checksums.json", "{\"FormatVersion\": 1, \"Files\": null}")]
    public void A_damaged_checkpoint_is_one_error_that_names_it(string file, string content)
    {
        Train(Options());
        var newest = Folders()[^1];
        File.WriteAllText(Path.Combine(_folder, newest, file), content);
        Assert.Contains(newest, Assert.ThrowsExactly<IOException>(() => Train(Options())).Message);
    }

    [TestMethod]
    public void A_bit_that_has_changed_in_any_file_is_one_error_that_names_it()
    {
        // An early step: the training goes on, and needs all of them.
        Assert.ThrowsExactly<KilledException>(() => Train(Options(), prepare: l => l.OnAccumulate = step => step < 25 ? 1 : throw new KilledException()));
        var random = new Random(7);
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            var whole = File.ReadAllBytes(file);
            var changed = whole.ToArray();
            changed[random.Next(changed.Length)] ^= 1;
            File.WriteAllBytes(file, changed);
            var error = Assert.ThrowsExactly<IOException>(() => Train(Options()), file);
            Assert.Contains(Path.GetDirectoryName(file)!, error.Message);
            File.WriteAllBytes(file, whole);
        }
        CollectionAssert.AreEqual(Train(Options(o => o.CheckpointFolder = null)), Train(Options()));
    }

    [TestMethod]
    public void A_damaged_checkpoint_that_is_older_than_a_good_one_stops_no_training()
    {
        var options = Options(o => o.CheckpointsToKeep = 3);
        Assert.ThrowsExactly<KilledException>(() => Train(options, prepare: l => l.OnAccumulate = step => step < 35 ? 1 : throw new KilledException()));
        File.WriteAllText(Path.Combine(_folder, Folders().First(name => name.StartsWith("step-", StringComparison.Ordinal)), "state.json"), "{");
        CollectionAssert.AreEqual(Train(Options(o => o.CheckpointFolder = null)), Train(options));
    }

    private sealed class FullDiskLearner(ILearner inner, int saves) : ILearner
    {
        private int _saves;

        public string Device => inner.Device;
        public string Precision => inner.Precision;

        public LossSum Accumulate(TokenBatch batch, TrainingLabels labels, IReadOnlyList<double> scales, ulong seed) =>
            inner.Accumulate(batch, labels, scales, seed);

        public LossSum Evaluate(TokenBatch batch, TrainingLabels labels, Action<IReadOnlyDictionary<string, float[]>>? receive = null) =>
            inner.Evaluate(batch, labels, receive);

        public double Step(double learningRate, double maxGradientNorm) => inner.Step(learningRate, maxGradientNorm);

        public string? FindNonFinite() => inner.FindNonFinite();

        public ITensors Snapshot() => inner.Snapshot();

        public void LoadState(Stream stream) => inner.LoadState(stream);

        public void SaveState(Stream stream)
        {
            inner.SaveState(stream);
            if (++_saves > saves + 1)
                throw new IOException("No space left on device");
        }
    }
}
