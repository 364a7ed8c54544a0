using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Networks;

namespace BertMl.Training;

[TestClass]
public sealed class TrainingLoopTests
{
    private static TestOptions Options(Action<TestOptions>? change = null)
    {
        var options = new TestOptions
        {
            NumberOfEpochs = 4,
            BatchSize = 8,
            LearningRate = 0.05,
            WarmupRatio = 0.1,
        };
        change?.Invoke(options);
        return options;
    }

    private static (TrainingResult Result, BagOfTokensLearner Learner, List<string> Log) Train(
        TestOptions options,
        SyntheticTexts training,
        SyntheticTexts? validation = null,
        ulong seed = 1,
        double dropout = 0.2,
        Action<BagOfTokensLearner>? prepare = null,
        Func<bool>? cancel = null
    )
    {
        options.Check();
        var learner = new BagOfTokensLearner(SyntheticTexts.Vocabulary, SyntheticTexts.Classes, dropout);
        prepare?.Invoke(learner);
        var log = new List<string>();
        var environment = new TrainingEnvironment
        {
            Seed = seed,
            Log = log.Add,
            IsCancellationRequested = cancel ?? (() => false),
        };
        return (new TrainingLoop(learner, training, validation, options, environment).Run(), learner, log);
    }

    private static float[] Weights(ITensors tensors)
    {
        var values = new float[tensors.Infos["weights"].Count];
        tensors.Read("weights", values);
        return values;
    }

    [TestMethod]
    public void Learns_and_reports_every_step_and_epoch()
    {
        var reports = new List<TrainingProgress>();
        var options = Options(o => o.Progress = new Listener<TrainingProgress>(reports.Add));
        var (result, learner, log) = Train(options, new(300), new(100, seed: 2));
        Assert.IsGreaterThan(0.95, result.History[^1].ValidationAccuracy!.Value);
        Assert.HasCount(4, result.History);
        Assert.IsLessThan(result.History[0].TrainingLoss, result.History[^1].TrainingLoss);
        const int steps = 4 * 38;
        Assert.HasCount(steps, learner.LearningRates);
        CollectionAssert.AreEqual(Enumerable.Range(1, steps).ToArray(), reports.Where(r => r.Metrics is null).Select(r => r.Step).ToArray());
        CollectionAssert.AreEqual(learner.LearningRates, reports.Where(r => r.Metrics is null).Select(r => r.LearningRate).ToArray());
        CollectionAssert.AreEqual(result.History.ToArray(), reports.Where(r => r.Metrics is not null).Select(r => r.Metrics).ToArray());
        Assert.AreEqual(steps, reports[^1].NumberOfSteps);
        Assert.AreEqual(TimeSpan.Zero, reports[^1].Remaining);
        Assert.IsTrue(reports.TrueForAll(r => r.TokensPerSecond > r.RowsPerSecond && r.GradientNorm > 0));
        Assert.AreEqual(options.LearningRate / 16, learner.LearningRates[0], 1e-15);
        Assert.AreEqual(options.LearningRate, learner.LearningRates.Max());
        Assert.HasCount(5, log);
        Assert.StartsWith("Epoch 1: training loss ", log[1]);
        Assert.Contains("validation loss", log[1]);
    }

    [TestMethod]
    public void Weights_that_the_last_step_ruins_are_an_error()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Train(Options(o => (o.LearningRate, o.MaximumNumberOfSteps) = (double.MaxValue, 1)), new(80))
        );
        Assert.Contains("failed at step 1 of 1", error.Message);
        Assert.Contains("'weights'", error.Message);
    }

    [TestMethod]
    public void A_single_step_learns_and_is_refused_where_its_rate_is_zero()
    {
        var (result, learner, _) = Train(Options(o => o.NumberOfEpochs = 1), new(5));
        CollectionAssert.AreEqual(new[] { 0.05 }, learner.LearningRates);
        Assert.IsTrue(Weights(result.Weights).Any(weight => weight != 0));
        var error = Assert.ThrowsExactly<ArgumentException>(() => Train(Options(o => (o.NumberOfEpochs, o.WarmupFromZero) = (1, true)), new(5)));
        Assert.Contains("learning rate is 0 at each of the 1 steps", error.Message);
    }

    [TestMethod]
    public void Validates_between_epochs_as_asked_and_learns_the_same()
    {
        var reports = new List<TrainingProgress>();
        var (plain, _, _) = Train(Options(o => o.NumberOfEpochs = 2), new(300), new(100, seed: 2));
        var options = Options(o => (o.NumberOfEpochs, o.ValidationSteps, o.Progress) = (2, 19, new Listener<TrainingProgress>(reports.Add)));
        var (result, _, log) = Train(options, new(300), new(100, seed: 2));
        CollectionAssert.AreEqual(Weights(plain.Weights), Weights(result.Weights));
        CollectionAssert.AreEqual(plain.History.ToArray(), result.History.ToArray());
        // Once for an epoch's end: 38 and 76 are ends of epochs.
        CollectionAssert.AreEqual(new[] { 19, 38, 57, 76 }, reports.Where(r => r.ValidationLoss is not null).Select(r => r.Step).ToArray());
        CollectionAssert.AreEqual(new[] { 38, 76 }, reports.Where(r => r.Metrics is not null).Select(r => r.Step).ToArray());
        Assert.IsTrue(
            reports.TrueForAll(r =>
                r.Metrics is not { } metrics || (metrics.ValidationLoss, metrics.ValidationAccuracy) == (r.ValidationLoss, r.ValidationAccuracy)
            )
        );
        Assert.IsLessThan(reports[18].ValidationLoss!.Value, reports[^1].ValidationLoss!.Value);
        Assert.StartsWith("Step 19 of 76: loss ", log[1]);
        Assert.Contains("; validation loss ", log[1]);
    }

    [TestMethod]
    public void The_time_that_remains_is_that_of_the_steps_that_remain()
    {
        var reports = new List<TrainingProgress>();
        var options = Options(o => (o.NumberOfEpochs, o.MaximumNumberOfSteps, o.Progress) = (int.MaxValue, 50, new Listener<TrainingProgress>(reports.Add)));
        Train(options, new(300), new(100, seed: 2));
        Assert.IsTrue(reports.TrueForAll(r => r.Remaining < TimeSpan.FromHours(1)), $"{reports.Max(r => r.Remaining)}");
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_weights_and_another_gives_others()
    {
        var first = Weights(Train(Options(), new(200)).Result.Weights);
        CollectionAssert.AreEqual(first, Weights(Train(Options(), new(200)).Result.Weights));
        CollectionAssert.AreNotEqual(first, Weights(Train(Options(), new(200), seed: 2).Result.Weights));
    }

    [TestMethod]
    [DataRow(2, 12)]
    [DataRow(3, 8)]
    [DataRow(5, 5)]
    public void Accumulated_batches_equal_a_whole_one(int accumulation, int batchSize)
    {
        // 99 rows: the last batch of an epoch is smaller, and so is its last micro-batch.
        var whole = Train(Options(o => (o.BatchSize, o.GroupByLength) = (accumulation * batchSize, false)), new(99), dropout: 0);
        var accumulated = Train(
            Options(o => (o.BatchSize, o.GradientAccumulationSteps, o.GroupByLength) = (batchSize, accumulation, false)),
            new(99),
            dropout: 0
        );
        CollectionAssert.AreEqual(whole.Learner.LearningRates, accumulated.Learner.LearningRates);
        var (a, b) = (Weights(whole.Result.Weights), Weights(accumulated.Result.Weights));
        for (var i = 0; i < a.Length; i++)
            Assert.AreEqual(a[i], b[i], 1e-6);
    }

    [TestMethod]
    public void The_first_batch_holds_the_longest_row_and_batches_have_rows_of_like_length()
    {
        var training = new SyntheticTexts(1000, longest: 60);
        var (_, learner, _) = Train(Options(o => o.NumberOfEpochs = 2), training);
        Assert.AreEqual(Enumerable.Range(0, 1000).Max(training.Length), learner.Shapes[0].Length);
        var grouped = learner.Shapes.Sum(s => s.Rows * s.Length);
        var (_, shuffled, _) = Train(Options(o => (o.NumberOfEpochs, o.GroupByLength) = (2, false)), training);
        Assert.IsLessThan(shuffled.Shapes.Sum(s => s.Rows * s.Length) * 0.75, grouped);
    }

    [TestMethod]
    public void Keeps_the_best_epoch()
    {
        var epoch = 0;
        double[] losses = [0.9, 0.5, 0.7, 0.8];
        var snapshots = new List<float[]>();
        var options = Options(o => o.BestEpochMetric = ValidationMetric.Loss);
        BagOfTokensLearner? spied = null;
        options.Progress = new Listener<TrainingProgress>(r =>
        {
            if (r.Metrics is null)
                return;
            snapshots.Add(Weights(spied!.Snapshot()));
            epoch = r.Epoch;
        });
        var (result, _, _) = Train(options, new(100), new(20), prepare: l => (spied = l).OnEvaluate = () => losses[epoch]);
        Assert.AreEqual(2, result.KeptEpoch);
        CollectionAssert.AreEqual(new[] { true, true, false, false }, result.History.Select(m => m.IsBest).ToArray());
        CollectionAssert.AreEqual(snapshots[1], Weights(result.Weights));
        CollectionAssert.AreNotEqual(snapshots[3], Weights(result.Weights));
    }

    [TestMethod]
    public void The_best_epoch_is_that_of_the_metric_asked_for()
    {
        // Loss is best where the test says so, F1 where the predictions are.
        var epoch = 0;
        double[] losses = [0.1, 0.9, 0.8, 0.7];
        TestOptions Asked(string? metric) =>
            Options(o => (o.BestEpochMetric, o.Progress) = (metric, new Listener<TrainingProgress>(r => epoch = r.Metrics is null ? epoch : r.Epoch)));
        TrainingResult Train(string? metric)
        {
            epoch = 0;
            return TrainingLoopTests.Train(Asked(metric), new(300), new(100, seed: 2), prepare: l => l.OnEvaluate = () => losses[epoch]).Result;
        }
        Assert.AreEqual(1, Train(ValidationMetric.Loss).KeptEpoch);
        foreach (var metric in (string?[])[null, .. ClassValidation.Metrics(twoClasses: false)])
        {
            if (metric == ValidationMetric.Loss)
                continue;
            var result = Train(metric);
            var values = result.History.Select(m => m.ValidationMetrics[metric ?? ValidationMetric.Accuracy]).ToList();
            Assert.AreEqual(values.Max(), values[result.KeptEpoch!.Value - 1], metric);
            Assert.AreNotEqual(1, result.KeptEpoch, metric);
            Assert.AreEqual(result.History[0].ValidationAccuracy, result.History[0].ValidationMetrics[ValidationMetric.Accuracy]);
        }
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Train(ValidationMetric.Pearson));
        Assert.Contains("BestEpochMetric must be null or one of accuracy, f1_macro", error.Message);
    }

    [TestMethod]
    [DataRow(1, 0.0, new[] { 0.9, 0.5, 0.6, 0.4 }, 3)]
    [DataRow(2, 0.0, new[] { 0.9, 0.5, 0.6, 0.4, 0.5, 0.45, 0.1 }, 6)]
    [DataRow(2, 0.2, new[] { 0.9, 0.8, 0.75, 0.1 }, 3)]
    [DataRow(2, 0.0, new[] { 0.9, 0.8, 0.7, 0.6 }, 4)]
    public void Stops_early_without_improvement(int patience, double delta, double[] losses, int epochs)
    {
        var epoch = 0;
        var options = Options(o =>
            (o.NumberOfEpochs, o.EarlyStoppingPatience, o.EarlyStoppingMinimumDelta, o.BestEpochMetric) = (
                losses.Length,
                patience,
                delta,
                ValidationMetric.Loss
            )
        );
        options.Progress = new Listener<TrainingProgress>(r => epoch = r.Metrics is null ? epoch : r.Epoch);
        var (result, _, _) = Train(options, new(50), new(20), prepare: l => l.OnEvaluate = () => losses[epoch]);
        Assert.HasCount(epochs, result.History);
    }

    [TestMethod]
    public void Early_stopping_without_validation_data_is_an_error() =>
        Assert.Contains("ValidationFraction", Assert.ThrowsExactly<ArgumentException>(() => Train(Options(o => o.EarlyStoppingPatience = 1), new(20))).Message);

    [TestMethod]
    public void Stops_at_the_maximum_number_of_steps_with_the_schedule_at_its_end()
    {
        var (result, learner, _) = Train(Options(o => (o.MaximumNumberOfSteps, o.NumberOfEpochs, o.WarmupSteps) = (30, 100, 0)), new(80));
        Assert.HasCount(30, learner.LearningRates);
        Assert.AreEqual(0.05 / 30, learner.LearningRates[^1], 1e-12);
        Assert.HasCount(3, result.History);
    }

    [TestMethod]
    public void A_loss_that_is_not_a_number_stops_the_training_and_names_the_step()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Train(Options(), new(80), prepare: l => l.OnAccumulate = step => step == 6 ? double.NaN : 1)
        );
        Assert.StartsWith("Training failed at step 7 of 40 (epoch 1): the loss is NaN.", error.Message);
        Assert.Contains("0.05", error.Message);
    }

    [TestMethod]
    public void Cancelling_throws_or_keeps_the_best_as_asked()
    {
        using var source = new CancellationTokenSource();
        var options = Options(o => o.CancellationToken = source.Token);
        options.Progress = new Listener<TrainingProgress>(r =>
        {
            if (r.Step == 25)
                source.Cancel();
        });
        var error = Assert.ThrowsExactly<OperationCanceledException>(() => Train(options, new(80), new(20)));
        Assert.AreEqual(source.Token, error.CancellationToken);
        Assert.Contains("step 25 of 40", error.Message);

        options.CancellationBehavior = CancellationBehavior.KeepBest;
        options.CancellationToken = default;
        var calls = 0;
        var (result, learner, _) = Train(options, new(80), new(20), cancel: () => ++calls > 30);
        Assert.IsNotNull(result.KeptEpoch);
        CollectionAssert.AreNotEqual(Weights(learner.Snapshot()), Weights(result.Weights));
        calls = 0;
        (result, learner, var log) = Train(options, new(80), cancel: () => ++calls > 30);
        Assert.IsNull(result.KeptEpoch);
        CollectionAssert.AreEqual(Weights(learner.Snapshot()), Weights(result.Weights));
        Assert.Contains("the weights of that moment are kept", log[^1]);
    }
}

internal sealed class Listener<T>(Action<T> listen) : IProgress<T>
{
    public void Report(T value) => listen(value);
}
