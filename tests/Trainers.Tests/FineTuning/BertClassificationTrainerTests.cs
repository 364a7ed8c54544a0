using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

[TestClass]
public sealed class BertClassificationTrainerTests
{
    private static readonly MLContext _ml = new(seed: 1);

    public required TestContext TestContext { get; set; }

    private static float[] Weights(BertClassificationTransformer transformer, string? only = null)
    {
        var folder = Path.Combine(Path.GetTempPath(), "BertMl.Tests", Guid.NewGuid().ToString("N"));
        transformer.SavePretrained(folder);
        try
        {
            using var model = PretrainedModel.Load(folder);
            return
            [
                .. model
                    .Weights.Infos.Keys.Order(StringComparer.Ordinal)
                    .Where(name => only is null || name.Contains(only, StringComparison.Ordinal))
                    .SelectMany(model.Weights.ReadAll),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static BertClassificationTransformer Fit(IEnumerable<LabeledText> rows, BertClassificationTrainer.Options options, MLContext? ml = null) =>
        SmallTask.Bert(SmallTask.Pipeline(ml ?? _ml, options).Fit((ml ?? _ml).Data.LoadFromEnumerable(rows)));

    [TestMethod]
    public void Learns_three_classes_and_evaluates_saves_loads_and_predicts()
    {
        var split = _ml.Data.TrainTestSplit(_ml.Data.LoadFromEnumerable(SmallTask.Rows(480)), testFraction: 0.2, seed: 1);
        var model = SmallTask.Pipeline(_ml, SmallTask.Options()).Fit(split.TrainSet);
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet));
        Assert.IsGreaterThan(0.9, metrics.MicroAccuracy);
        Assert.IsLessThan(0.4, metrics.LogLoss);
        Assert.Contains("vehicle", metrics.ConfusionMatrix.GetFormattedConfusionTable());
        CollectionAssert.AreEqual(SmallTask.Labels, SmallTask.Bert(model).Labels.ToArray());

        using var zip = new MemoryStream();
        _ml.Model.Save(model, split.TrainSet.Schema, zip);
        var loaded = new MLContext().Model.Load(zip, out _);
        using var engine = _ml.Model.CreatePredictionEngine<LabeledText, Prediction>(loaded);
        var prediction = engine.Predict(new() { Label = "food", Text = "there is some cheese" });
        Assert.AreEqual("food", prediction.PredictedLabel);
        Assert.AreEqual(1, prediction.Score.Sum(), 1e-5);
    }

    [TestMethod]
    [DataRow(1e6)]
    [DataRow(1e30)]
    [DataRow(1e38)]
    public void A_learning_rate_that_ruins_the_weights_with_the_last_update_is_an_error(double learningRate)
    {
        var options = SmallTask.Options(o => (o.LearningRate, o.MaximumNumberOfSteps) = (learningRate, learningRate == 1e6 ? 4 : 1));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(SmallTask.Rows(60), options).Dispose());
        Assert.Contains("Training failed at step ", error.Message);
    }

    [TestMethod]
    public void Cross_validates_with_one_estimator_and_a_cache()
    {
        var data = _ml.Data.Cache(_ml.Data.LoadFromEnumerable(SmallTask.Rows(500)));
        var folds = _ml.MulticlassClassification.CrossValidate(
            data,
            SmallTask.Pipeline(_ml, SmallTask.Options(o => o.NumberOfEpochs = 6)),
            numberOfFolds: 2,
            seed: 1
        );
        foreach (var fold in folds)
            Assert.IsGreaterThan(0.8, fold.Metrics.MicroAccuracy);
    }

    [TestMethod]
    public void Learns_pairs()
    {
        var data = _ml.Data.TrainTestSplit(_ml.Data.LoadFromEnumerable(SmallTask.Pairs(480)), testFraction: 0.2, seed: 1);
        var options = SmallTask.Options(o => (o.PairColumnName, o.NumberOfEpochs) = (nameof(LabeledText.Pair), 5));
        var model = SmallTask.Pipeline(_ml, options).Fit(data.TrainSet);
        Assert.IsGreaterThan(0.9, _ml.MulticlassClassification.Evaluate(model.Transform(data.TestSet)).MicroAccuracy);
    }

    [TestMethod]
    public void The_promised_schema_is_the_delivered_one()
    {
        var keyed = Keyed(SmallTask.Rows(40));
        var trainer = _ml.MulticlassClassification.Trainers.BertClassification(SmallTask.Options(o => o.NumberOfEpochs = 1));
        var promised = trainer.GetOutputSchema(DataView.Schemas.Shape(keyed.Schema));
        var delivered = DataView.Schemas.Shape(trainer.Fit(keyed).Transform(keyed).Schema);
        foreach (var name in (string[])["PredictedLabel", "Score"])
        {
            var (a, b) = (DataView.Schemas.Find(promised, name)!.Value, DataView.Schemas.Find(delivered, name)!.Value);
            Assert.AreEqual((b.Kind, b.ItemType, b.IsKey), (a.Kind, a.ItemType, a.IsKey));
            CollectionAssert.AreEquivalent(b.Annotations.Select(c => c.Name).ToArray(), a.Annotations.Select(c => c.Name).ToArray());
        }
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_weights()
    {
        var first = Weights(Fit(SmallTask.Rows(60), SmallTask.Options(o => (o.NumberOfEpochs, o.Seed) = (2, 5))));
        CollectionAssert.AreEqual(first, Weights(Fit(SmallTask.Rows(60), SmallTask.Options(o => (o.NumberOfEpochs, o.Seed) = (2, 5)), new MLContext())));
        CollectionAssert.AreNotEqual(first, Weights(Fit(SmallTask.Rows(60), SmallTask.Options(o => (o.NumberOfEpochs, o.Seed) = (2, 6)))));
    }

    [TestMethod]
    public void A_cancelled_training_goes_on_from_its_checkpoint_to_the_same_weights()
    {
        var folder = Path.Combine(Path.GetTempPath(), "BertMl.Tests", Guid.NewGuid().ToString("N"));
        try
        {
            var expected = Weights(Fit(SmallTask.Rows(100), SmallTask.Options(o => (o.NumberOfEpochs, o.ValidationFraction) = (3, 0.2))));
            foreach (var stopAt in (int[])[2, 7, 11])
            {
                using var source = new CancellationTokenSource();
                var progress = new Listener<TrainingProgress>(p => Stop(p.Step == stopAt ? source : null));
                Assert.ThrowsExactly<OperationCanceledException>(() => Fit(SmallTask.Rows(100), Options(source.Token, progress)));
            }
            CollectionAssert.AreEqual(expected, Weights(Fit(SmallTask.Rows(100), Options(default, null))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        BertClassificationTrainer.Options Options(CancellationToken token, IProgress<TrainingProgress>? progress) =>
            SmallTask.Options(o =>
            {
                (o.NumberOfEpochs, o.ValidationFraction, o.CheckpointFolder, o.CheckpointSteps) = (3, 0.2, folder, 3);
                (o.CancellationToken, o.Progress) = (token, progress);
            });
    }

    private static void Stop(CancellationTokenSource? source) => source?.Cancel();

    [TestMethod]
    public void Frozen_weights_stay_as_they_are()
    {
        var rows = SmallTask.Rows(60);
        using var start = SmallTask.Model();
        float[] Before(string part) =>
            [
                .. start
                    .Weights.Infos.Keys.Order(StringComparer.Ordinal)
                    .Where(n => n.Contains(part, StringComparison.Ordinal))
                    .SelectMany(start.Weights.ReadAll),
            ];
        var encoder = Fit(rows, SmallTask.Options(o => (o.NumberOfEpochs, o.FreezeEncoder) = (1, true)));
        CollectionAssert.AreEqual(Before("embeddings"), Weights(encoder, "embeddings"));
        CollectionAssert.AreEqual(Before("encoder.layer"), Weights(encoder, "encoder.layer"));
        var lower = Fit(rows, SmallTask.Options(o => (o.NumberOfEpochs, o.FrozenLayers) = (1, 1)));
        CollectionAssert.AreEqual(Before("embeddings"), Weights(lower, "embeddings"));
        CollectionAssert.AreEqual(Before("layer.0."), Weights(lower, "layer.0."));
        CollectionAssert.AreNotEqual(Before("layer.1."), Weights(lower, "layer.1."));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(rows, SmallTask.Options(o => o.FrozenLayers = 3)));
    }

    [TestMethod]
    public void Validation_data_may_have_text_labels_and_the_log_has_a_line_an_epoch()
    {
        var ml = new MLContext(seed: 1);
        var log = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Info && e.Source.Contains(nameof(BertClassificationTrainer), StringComparison.Ordinal))
                log.Add(e.RawMessage);
        };
        var reports = new List<TrainingProgress>();
        Fit(
            SmallTask.Rows(200),
            SmallTask.Options(o =>
                (o.ValidationSet, o.Progress, o.NumberOfEpochs) = (
                    ml.Data.LoadFromEnumerable(SmallTask.Rows(50, seed: 9)),
                    new Listener<TrainingProgress>(reports.Add),
                    3
                )
            ),
            ml
        );
        Assert.AreEqual(
            3,
            log.Count(line => line.StartsWith("Epoch ", StringComparison.Ordinal) && line.Contains("validation loss", StringComparison.Ordinal))
        );
        Assert.AreEqual(3, reports.Count(r => r.Metrics?.ValidationAccuracy is not null));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Fit(SmallTask.Rows(50, classes: 2), SmallTask.Options(o => o.ValidationSet = ml.Data.LoadFromEnumerable(SmallTask.Rows(50))), ml)
        );
        Assert.Contains("'vehicle'", error.Message);
    }

    [TestMethod]
    public void Class_weights_move_the_decision()
    {
        // Texts that say nothing: only the weights decide.
        var rows = Enumerable.Range(0, 90).Select(i => new LabeledText { Label = i % 9 == 0 ? "rare" : "frequent", Text = "some time" }).ToList();
        string Predict(Action<BertClassificationTrainer.Options> change)
        {
            var model = SmallTask.Pipeline(_ml, SmallTask.Options(change)).Fit(_ml.Data.LoadFromEnumerable(rows));
            using var engine = _ml.Model.CreatePredictionEngine<LabeledText, Prediction>(model);
            return engine.Predict(rows[0]).PredictedLabel;
        }
        Assert.AreEqual("frequent", Predict(_ => { }));
        Assert.AreEqual("rare", Predict(o => o.ClassWeights = new Dictionary<string, double>(StringComparer.Ordinal) { ["rare"] = 50 }));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Predict(o => o.ClassWeights = new Dictionary<string, double>(StringComparer.Ordinal) { ["rar"] = 50 })
        );
        Assert.Contains("'rar'", error.Message);
    }

    [TestMethod]
    public void Balanced_classes_count_alike_however_rare()
    {
        // Texts that say nothing: the probabilities are the classes' parts of the loss.
        var rows = Enumerable.Range(0, 90).Select(i => new LabeledText { Label = i % 9 == 0 ? "rare" : "frequent", Text = "some time" }).ToList();
        float Rare(bool balance)
        {
            var options = SmallTask.Options(o => (o.BalanceClasses, o.NumberOfEpochs) = (balance, 10));
            using var engine = _ml.Model.CreatePredictionEngine<LabeledText, Prediction>(
                SmallTask.Pipeline(_ml, options).Fit(_ml.Data.LoadFromEnumerable(rows))
            );
            return engine.Predict(rows[0]).Score[1]; // by value: frequent, rare
        }
        Assert.AreEqual(1f / 9, Rare(balance: false), 0.06);
        Assert.AreEqual(0.5f, Rare(balance: true), 0.15);
    }

    [TestMethod]
    public void Starts_from_a_folder_as_from_a_model()
    {
        var folder = Path.Combine(Path.GetTempPath(), "BertMl.Tests", Guid.NewGuid().ToString("N"));
        try
        {
            using var model = SmallTask.Model();
            model.Save(folder);
            var expected = Weights(Fit(SmallTask.Rows(40), SmallTask.Options(o => o.NumberOfEpochs = 1)));
            var options = SmallTask.Options(o => (o.NumberOfEpochs, o.Model, o.Checkpoint) = (1, null, folder));
            CollectionAssert.AreEqual(expected, Weights(Fit(SmallTask.Rows(40), options)));

            var weights = Path.Combine(folder, "model.safetensors");
            File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..5000]);
            Assert.Contains("model.safetensors", Assert.ThrowsExactly<InvalidDataException>(() => Fit(SmallTask.Rows(40), options)).Message);
            var other = PretrainedModel.Create(SmallTask.Config with { IntermediateSize = 96 }, Networks.Head.MaskedLM, SmallTask.Tokenizer);
            using (var stream = File.Create(weights))
                other.WriteWeights(stream);
            Assert.Contains("[96, 32] instead of [64, 32]", Assert.ThrowsExactly<InvalidDataException>(() => Fit(SmallTask.Rows(40), options)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void ML_NETs_own_cancellation_stops_the_training()
    {
        var ml = new MLContext(seed: 1);
        var cancel = typeof(MLContext).GetMethod("CancelExecution", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!;
        var progress = new Listener<TrainingProgress>(p => _ = p.Step == 3 ? cancel.Invoke(ml, null) : null);
        var error = Assert.ThrowsExactly<OperationCanceledException>(() => Fit(SmallTask.Rows(100), SmallTask.Options(o => o.Progress = progress), ml));
        Assert.Contains("step 3 of", error.Message);
    }

    [TestMethod]
    public void Without_the_GPU_that_was_asked_for_it_says_so_or_takes_the_CPU_as_told()
    {
        var ml = new MLContext(seed: 1) { GpuDeviceId = 99, FallbackToCpu = false };
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(SmallTask.Rows(20), SmallTask.Options(), ml));
        Assert.Contains("no CUDA device 99", error.Message);
        Assert.Contains("the package libtorch-cuda-12.8", error.Message);
        ml.FallbackToCpu = true;
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.RawMessage);
        Fit(SmallTask.Rows(20), SmallTask.Options(o => o.NumberOfEpochs = 1), ml).Dispose();
        Assert.IsTrue(log.Exists(line => line.Contains("no CUDA device 99: training on the CPU", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Memory_stays_flat_over_the_steps()
    {
        // Managed and native. Of the 400 steps after warm-up, each may leave little behind: 5 % of some 340 MB is 40 kB a step.
        var resident = new List<long>();
        var progress = new Listener<TrainingProgress>(p =>
        {
            if (p.Step % 100 != 0 || p.Metrics is not null)
                return;
            GC.Collect();
            resident.Add(Environment.WorkingSet);
        });
        Fit(SmallTask.Rows(160), SmallTask.Options(o => (o.NumberOfEpochs, o.Progress) = (60, progress))).Dispose();
        Assert.HasCount(6, resident);
        TestContext.WriteLine($"Resident MB after each 100 steps: {string.Join(", ", resident.Select(bytes => bytes >> 20))}");
        Assert.IsLessThan(resident[1] * 1.05, resident[^1]);
    }

    private static IDataView Keyed(IEnumerable<LabeledText> rows)
    {
        var data = _ml.Data.LoadFromEnumerable(rows);
        return _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
    }
}
