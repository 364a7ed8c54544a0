using BertMl.Checkpoints;
using BertMl.Metrics;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>The trainer of several labels learns, with thresholds of its own, saves, goes on where it was stopped, and scores as a checkpoint.</summary>
[TestClass]
public sealed class BertMultiLabelClassificationTrainerTests
{
    private static readonly MLContext _ml = new(seed: 1);

    private static BertMultiLabelClassificationTrainer.Options Several(Action<BertMultiLabelClassificationTrainer.Options>? change = null)
    {
        var options = new BertMultiLabelClassificationTrainer.Options();
        TaskRows.Prepare(options, 10);
        change?.Invoke(options);
        return options;
    }

    [TestMethod]
    public void Several_labels_are_learned_with_thresholds_of_their_own()
    {
        var rows = TaskRows.Several(400, 1);
        var data = _ml.Data.LoadFromEnumerable(rows);
        var test = TaskRows.Several(120, 2);
        var options = Several(o => (o.ValidationFraction, o.TuneThresholds, o.LabelNames) = (0.25, true, SmallTask.Labels));
        using var model = _ml.Transforms.Text.BertMultiLabelClassification(options).Fit(data);
        CollectionAssert.AreEqual(SmallTask.Labels, model.Labels.ToArray());
        Assert.IsTrue(model.Thresholds.Any(threshold => threshold != LabelThresholds.Default));
        var scored = model.Transform(_ml.Data.LoadFromEnumerable(test));
        var predictions = _ml.Data.CreateEnumerable<SeveralPrediction>(scored, reuseRowObject: false).ToList();
        var metrics = MultiLabelMetrics.Compute(
            test.SelectMany(row => row.Label).ToArray(),
            predictions.SelectMany(row => row.PredictedLabels).ToArray(),
            model.Labels
        );
        Assert.IsGreaterThan(0.9, metrics.Micro.F1);
        foreach (var prediction in predictions)
            CollectionAssert.AreEqual(prediction.Score.Select((p, i) => p > model.Thresholds[i]).ToArray(), prediction.PredictedLabels);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(SmallTask.Labels, names.DenseValues().Select(name => name.ToString()).ToArray());
        using var folder = new TemporaryFolder();
        model.SavePretrained(folder.Path);
        using (var saved = PretrainedModel.Load(folder.Path))
            Assert.AreEqual(ProblemType.MultiLabelClassification, saved.Config.ProblemType);
        using (var again = _ml.Transforms.Text.ApplyBertMultiLabelClassification(folder.Path).Fit(data))
            CollectionAssert.AreEqual(model.Thresholds.ToArray(), again.Thresholds.ToArray());
        ComponentContract.Check(_ml, _ml.Transforms.Text.ApplyBertMultiLabelClassification(folder.Path), data, tolerance: 1e-4);
    }

    [TestMethod]
    public void Slots_of_one_name_are_refused_and_lists_of_options_are_copied()
    {
        var rows = _ml.Data.LoadFromEnumerable([
            new
            {
                a = 1f,
                b = 0f,
                Text = "some bread",
            },
        ]);
        var twice = _ml.Transforms.Concatenate("Label", "a", "b", "a").Fit(rows).Transform(rows);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Transforms.Text.BertMultiLabelClassification(Several()).Fit(twice));
        Assert.Contains("Two slots of the label column 'Label' are named 'a'", error.Message);

        var thresholds = new[] { 0.25f, 0.5f, 0.75f };
        var options = Several(o => (o.NumberOfEpochs, o.Thresholds) = (1, thresholds));
        var trainer = _ml.Transforms.Text.BertMultiLabelClassification(options);
        thresholds[0] = 7;
        using var model = trainer.Fit(_ml.Data.LoadFromEnumerable(TaskRows.Several(20, 1)));
        Assert.AreEqual(0.25f, model.Thresholds[0]);
    }

    [TestMethod]
    public void What_is_wrong_with_label_vectors_is_one_error()
    {
        BertMultiLabelClassificationTrainer Trainer(Action<BertMultiLabelClassificationTrainer.Options>? change = null) =>
            _ml.Transforms.Text.BertMultiLabelClassification(Several(change));
        IDataView Rows(params float[][] labels) =>
            _ml.Data.LoadFromEnumerable(labels.Select(label => new ProbabilitiesRow { Label = label, Text = "some bread" }));
        string Message(IDataView data) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer().Fit(data)).Message;
        Assert.Contains("Label column 'Label' has 3 labels in row 2; expected 2, as the other rows have", Message(Rows([0, 1], [1, 0, 1])));
        Assert.Contains("Label column 'Label' holds 1.5 in row 1; expected numbers from 0 to 1", Message(Rows([0, 1.5f])));
        Assert.Contains("holds NaN in row 2", Message(Rows([0, 1], [float.NaN, 0])));
        Assert.Contains("has no rows", Assert.ThrowsExactly<InvalidOperationException>(() => Trainer().Fit(Rows())).Message);
        Assert.Contains(
            "has 3 thresholds; the label column 'Label' has 2 labels",
            Assert.ThrowsExactly<InvalidOperationException>(() => Trainer(o => o.Thresholds = [0.1f, 0.2f, 0.3f]).Fit(Rows([0, 1]))).Message
        );
        Assert.Contains("has 1 names", Assert.ThrowsExactly<InvalidOperationException>(() => Trainer(o => o.LabelNames = ["one"]).Fit(Rows([0, 1]))).Message);
        foreach (var threshold in (float[])[0, 1, float.NaN])
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(o => o.Thresholds = [threshold]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(o => o.TuneThresholds = true));
        ComponentContract.Refuses(Trainer(), _ml.Data.LoadFromEnumerable(TaskRows.Booleans(3, 1)), "expected Vector<Boolean> or Vector<Single>, got Bool");
    }

    [TestMethod]
    [DataRow(KeptEpoch.Best)]
    [DataRow(KeptEpoch.Last)]
    public void A_training_goes_on_to_the_same_weights_with_the_metric_of_the_task(KeptEpoch kept)
    {
        using var folder = new TemporaryFolder();
        // The thresholds too.
        byte[] Weights(string name, BertMultiLabelClassificationTrainer.Options options)
        {
            using var model = _ml.Transforms.Text.BertMultiLabelClassification(options).Fit(_ml.Data.LoadFromEnumerable(TaskRows.Several(80, 1)));
            model.SavePretrained(folder[name]);
            return [.. File.ReadAllBytes(Path.Combine(folder[name], "model.safetensors")), .. File.ReadAllBytes(Path.Combine(folder[name], "config.json"))];
        }
        BertMultiLabelClassificationTrainer.Options Options(string? checkpoints) =>
            Several(o =>
            {
                (o.NumberOfEpochs, o.ValidationFraction, o.KeptEpoch, o.TuneThresholds) = (4, 0.25, kept, true);
                (o.BestEpochMetric, o.CheckpointFolder, o.CheckpointSteps) = (ValidationMetric.ExactMatch, checkpoints, checkpoints is null ? null : 2);
            });
        var expected = Weights("whole", Options(null));
        using var source = new CancellationTokenSource();
        var stopped = Options(folder["checkpoints"]);
        (stopped.CancellationToken, stopped.Progress) = (source.Token, new Listener<TrainingProgress>(p => _ = p.Step == 9 && Cancel(source)));
        Assert.ThrowsExactly<OperationCanceledException>(() => Weights("stopped", stopped));
        CollectionAssert.AreEqual(expected, Weights("resumed", Options(folder["checkpoints"])));
    }

    private static bool Cancel(CancellationTokenSource source)
    {
        source.Cancel();
        return true;
    }
}
