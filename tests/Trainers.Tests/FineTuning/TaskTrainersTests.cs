using BertMl.Checkpoints;
using BertMl.Metrics;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>
/// The trainers of two classes, numbers, several labels and multiple choice: each learns, evaluates as ML.NET evaluates, saves, and scores as a checkpoint.
/// </summary>
[TestClass]
public sealed class TaskTrainersTests
{
    private static readonly MLContext _ml = new(seed: 1);

    private static void Common(FineTuningOptions options, int epochs = 6)
    {
        (options.Model, options.NumberOfEpochs, options.BatchSize, options.LearningRate) = (SmallTask.Model(), epochs, 16, 2e-3);
        options.MaximumLength = 32;
    }

    private static BertBinaryClassificationTrainer.Options Binary(Action<BertBinaryClassificationTrainer.Options>? change = null)
    {
        var options = new BertBinaryClassificationTrainer.Options();
        Common(options);
        change?.Invoke(options);
        return options;
    }

    private static BertMultiLabelClassificationTrainer.Options Several(Action<BertMultiLabelClassificationTrainer.Options>? change = null)
    {
        var options = new BertMultiLabelClassificationTrainer.Options();
        Common(options, 10);
        change?.Invoke(options);
        return options;
    }

    private static IDataView Booleans(int count, ulong seed = 1) => _ml.Data.LoadFromEnumerable(TaskRows.Booleans(count, seed));

    [TestMethod]
    public void Two_classes_with_a_Boolean_label_evaluate_as_ML_NET_evaluates()
    {
        var trainer = _ml.BinaryClassification.Trainers.BertClassification(Binary(o => o.ValidationSet = Booleans(60, 3)));
        using var model = trainer.Fit(Booleans(300));
        var scored = model.Transform(Booleans(120, 2));
        var metrics = _ml.BinaryClassification.Evaluate(scored);
        Assert.IsGreaterThan(0.9, metrics.Accuracy);
        Assert.IsGreaterThan(0.95, metrics.AreaUnderRocCurve);
        Assert.IsLessThan(0.5, metrics.LogLoss);
        foreach (var row in _ml.Data.CreateEnumerable<BinaryPrediction>(scored, reuseRowObject: false))
        {
            Assert.AreEqual(row.Score > 0, row.PredictedLabel);
            Assert.AreEqual(1 / (1 + Math.Exp(-row.Score)), row.Probability, 1e-6);
        }
        using var folder = new TemporaryFolder();
        model.SavePretrained(folder.Path);
        using var saved = PretrainedModel.Load(folder.Path);
        Assert.AreEqual(ProblemType.SingleLabelClassification, saved.Config.ProblemType);
        CollectionAssert.AreEqual(new[] { "False", "True" }, saved.Config.Labels.ToArray());
        ComponentContract.Check(_ml, _ml.Transforms.Text.ApplyBertBinaryClassification(folder.Path), Booleans(30), tolerance: 1e-4);
        using var flipped = _ml.Transforms.Text.ApplyBertBinaryClassification(folder.Path, positiveLabel: "False").Fit(Booleans(1));
        var opposite = _ml.Data.CreateEnumerable<BinaryPrediction>(flipped.Transform(Booleans(5)), reuseRowObject: false);
        foreach (var (a, b) in opposite.Zip(_ml.Data.CreateEnumerable<BinaryPrediction>(model.Transform(Booleans(5)), reuseRowObject: false)))
            Assert.AreEqual(-a.Score, b.Score, 1e-4);
        Assert.Contains(
            "There is no label 'yes'; the model has False, True.",
            Assert
                .ThrowsExactly<ArgumentException>(() => _ml.Transforms.Text.ApplyBertBinaryClassification(folder.Path, positiveLabel: "yes").Fit(Booleans(1)))
                .Message
        );
    }

    [TestMethod]
    public void Two_classes_cross_validate_and_weigh_the_positive_class()
    {
        foreach (
            var fold in _ml.BinaryClassification.CrossValidate(
                Booleans(300),
                _ml.BinaryClassification.Trainers.BertClassification(Binary()),
                numberOfFolds: 2,
                seed: 1
            )
        )
            Assert.IsGreaterThan(0.8, fold.Metrics.Accuracy);
        // Texts that say nothing: only the weight decides.
        var rows = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 90).Select(i => new BooleanRow { Label = i % 9 == 0, Text = "some time" }));
        bool Predicts(double weight)
        {
            using var model = _ml.BinaryClassification.Trainers.BertClassification(Binary(o => o.PositiveWeight = weight)).Fit(rows);
            return _ml.Data.CreateEnumerable<BinaryPrediction>(model.Transform(rows), reuseRowObject: false).First().PredictedLabel;
        }
        Assert.IsFalse(Predicts(1));
        Assert.IsTrue(Predicts(50));
    }

    [TestMethod]
    public void Of_one_row_nothing_can_be_held_out()
    {
        var options = new BertRegressionTrainer.Options { ValidationFraction = 0.2 };
        Common(options, 1);
        var data = _ml.Data.LoadFromEnumerable(TaskRows.Numbers(1, 1));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Regression.Trainers.BertRegression(options).Fit(data)).Message,
            "one row only"
        );
    }

    [TestMethod]
    public void Numbers_are_learned_and_evaluated()
    {
        var options = new BertRegressionTrainer.Options { ValidationFraction = 0.2, BestEpochMetric = ValidationMetric.Pearson };
        Common(options, 10);
        var reports = new List<TrainingProgress>();
        options.Progress = new Listener<TrainingProgress>(reports.Add);
        var data = _ml.Data.LoadFromEnumerable(TaskRows.Numbers(400, 1));
        var test = _ml.Data.LoadFromEnumerable(TaskRows.Numbers(100, 2));
        using var model = _ml.Regression.Trainers.BertRegression(options).Fit(data);
        Assert.IsGreaterThan(0.8, _ml.Regression.Evaluate(model.Transform(test)).RSquared);
        var epochs = reports.Where(r => r.Metrics is not null).Select(r => r.Metrics!).ToList();
        Assert.IsTrue(epochs.TrueForAll(m => Math.Abs(m.ValidationMetrics[ValidationMetric.MeanSquaredError] - m.ValidationLoss!.Value) < 1e-5));
        Assert.AreEqual(epochs.Max(m => m.ValidationMetrics[ValidationMetric.Pearson]), epochs.Last(m => m.IsBest).ValidationMetrics[ValidationMetric.Pearson]);
        using var folder = new TemporaryFolder();
        model.SavePretrained(folder.Path);
        using (var saved = PretrainedModel.Load(folder.Path))
            Assert.AreEqual((ProblemType.Regression, 1), (saved.Config.ProblemType, saved.Config.Labels.Count));
        ComponentContract.Check(_ml, _ml.Transforms.Text.ApplyBertRegression(folder.Path), test, tolerance: 1e-4);
        Assert.Contains(
            "the checkpoint is for regression (1 label), not for one of several labels of a text. As it is, ApplyBertRegression scores it.",
            Assert.ThrowsExactly<InvalidDataException>(() => _ml.Transforms.Text.ApplyBertClassification(folder.Path).Fit(data)).Message
        );
    }

    [TestMethod]
    public void Missing_numbers_are_skipped_and_infinite_ones_named()
    {
        var options = new BertRegressionTrainer.Options();
        Common(options, 1);
        IDataView Rows(params float[] labels) => _ml.Data.LoadFromEnumerable(labels.Select(label => new NumberRow { Label = label, Text = "some bread" }));
        _ml.Regression.Trainers.BertRegression(options).Fit(Rows(1, float.NaN, 2)).Dispose();
        var trainer = _ml.Regression.Trainers.BertRegression(options);
        Assert.Contains("all 2 are missing", Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(Rows(float.NaN, float.NaN))).Message);
        Assert.Contains(
            "Label column 'Label' holds infinity in row 2",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(Rows(1, float.PositiveInfinity))).Message
        );
        ComponentContract.Refuses(trainer, Booleans(3), "Schema mismatch for label column 'Label': expected Single, got Bool");
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
        ComponentContract.Check(
            _ml,
            _ml.Transforms.Text.ApplyBertMultiLabelClassification(folder.Path, thresholds: [.. model.Thresholds]),
            data,
            tolerance: 1e-4
        );
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
        ComponentContract.Refuses(Trainer(), Booleans(3), "expected Vector<Boolean> or Vector<Single>, got Bool");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_choice_is_learned_from_a_vector_or_from_several_columns(bool columns)
    {
        var options = new BertMultipleChoiceTrainer.Options { ValidationFraction = 0.1 };
        Common(options, 12);
        if (columns)
            options.ChoiceColumnNames = [nameof(ChoiceRow.First), nameof(ChoiceRow.Second), nameof(ChoiceRow.Third)];
        var data = _ml.Data.LoadFromEnumerable(TaskRows.Choices(600, 1));
        var test = _ml.Data.LoadFromEnumerable(TaskRows.Choices(120, 2));
        using var model = _ml.Transforms.Text.BertMultipleChoice(options).Fit(data);
        Assert.AreEqual(3, model.NumberOfChoices);
        var scored = model.Transform(test);
        var metrics = _ml.MulticlassClassification.Evaluate(scored);
        Assert.IsGreaterThan(0.8, metrics.MicroAccuracy); // a third would be chance
        var values = _ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored);
        foreach (var row in _ml.Data.CreateEnumerable<ChoicePrediction>(values, reuseRowObject: false))
        {
            Assert.AreEqual(1, row.Score.Sum(), 1e-5);
            Assert.AreEqual(row.Score.Max(), row.Score[row.PredictedLabel]);
        }
        using var folder = new TemporaryFolder();
        model.SavePretrained(folder.Path);
        var apply = _ml.Transforms.Text.ApplyBertMultipleChoice(folder.Path, options.ChoiceColumnNames);
        ComponentContract.Check(_ml, apply, test, tolerance: 1e-4);
        Assert.Contains(
            "has no classification head; it is one for multiple choice.",
            Assert.ThrowsExactly<InvalidDataException>(() => _ml.Transforms.Text.ApplyBertClassification(folder.Path, "Context").Fit(test)).Message
        );
        if (columns)
            return;
        // What is scored may have any number of choices, where none was said.
        using var any = apply.Fit(test);
        var uneven = _ml.Data.LoadFromEnumerable(
            TaskRows.Choices(3, 2).Select((row, i) => new ChoiceRow { Context = row.Context, Choices = row.Choices[..i] })
        );
        CollectionAssert.AreEqual(
            new[] { 0, 1, 2 },
            _ml.Data.CreateEnumerable<Prediction>(
                    _ml.Transforms.DropColumns("PredictedLabel").Fit(any.Transform(uneven)).Transform(any.Transform(uneven)),
                    false,
                    ignoreMissingColumns: true
                )
                .Select(row => row.Score.Length)
                .ToArray()
        );
        var error = Assert.Throws<Exception>(() => _ml.Data.CreateEnumerable<ChoiceScore>(model.Transform(uneven), reuseRowObject: false).ToList());
        Assert.Contains("Row 1 has 0 choices in column 'Choices'; expected 3.", error.ToString());
    }

    [TestMethod]
    public void Labels_of_choices_are_numbers_or_keys_and_must_be_choices()
    {
        var options = new BertMultipleChoiceTrainer.Options();
        Common(options, 1);
        var trainer = _ml.Transforms.Text.BertMultipleChoice(options);
        var rows = TaskRows.Choices(20, 1);
        // The first label met is not 0: keys in the order of occurrence stand for their values.
        var keyed = _ml.Data.LoadFromEnumerable(rows.OrderByDescending(row => row.Label));
        keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(keyed).Transform(keyed);
        using var ofKeys = trainer.Fit(keyed);
        using var ofNumbers = trainer.Fit(_ml.Data.LoadFromEnumerable(rows.OrderByDescending(row => row.Label)));
        var test = _ml.Data.LoadFromEnumerable(TaskRows.Choices(10, 2));
        CollectionAssert.AreEqual(ComponentContract.Rows(ofNumbers.Transform(test)).ToArray(), ComponentContract.Rows(ofKeys.Transform(test)).ToArray());
        rows[4].Label = 3;
        Assert.Contains(
            "Label column 'Label' holds 3 in row 5; expected the number of a choice, from 0 to 2.",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(_ml.Data.LoadFromEnumerable(rows))).Message
        );
        rows[4].Label = 0.5f;
        Assert.Contains(
            "expected a whole number",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(_ml.Data.LoadFromEnumerable(rows))).Message
        );
        (rows[4].Label, rows[2].Choices) = (0, ["only one", "and another"]);
        Assert.Contains(
            "Row 3 has 2 choices in column 'Choices'; expected 3.",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(_ml.Data.LoadFromEnumerable(rows))).Message
        );
    }

    [TestMethod]
    public void Pairs_are_learned_by_each()
    {
        var rows = TaskRows
            .Booleans(300, 1)
            .Select(row => new BooleanRow
            {
                Label = row.Label,
                Text = "there is the time",
                Pair = row.Text,
            });
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var model = _ml.BinaryClassification.Trainers.BertClassification(Binary(o => o.PairColumnName = nameof(BooleanRow.Pair))).Fit(data);
        Assert.IsGreaterThan(0.9, _ml.BinaryClassification.Evaluate(model.Transform(data)).Accuracy);
    }

    [TestMethod]
    [DataRow(KeptEpoch.Best)]
    public void A_training_goes_on_to_the_same_weights_with_the_metric_of_the_task(KeptEpoch kept)
    {
        using var folder = new TemporaryFolder();
        byte[] Weights(string name, BertMultiLabelClassificationTrainer.Options options)
        {
            using var model = _ml.Transforms.Text.BertMultiLabelClassification(options).Fit(_ml.Data.LoadFromEnumerable(TaskRows.Several(80, 1)));
            model.SavePretrained(folder[name]);
            return File.ReadAllBytes(Path.Combine(folder[name], "model.safetensors"));
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

internal sealed class BooleanRow
{
    public bool Label { get; set; }
    public string Text { get; set; } = "";
    public string Pair { get; set; } = "";
}

internal sealed class BinaryPrediction
{
    public bool PredictedLabel { get; set; }
    public float Score { get; set; }
    public float Probability { get; set; }
}

internal sealed class NumberRow
{
    public float Label { get; set; }
    public string Text { get; set; } = "";
}

internal sealed class SeveralRow
{
    [VectorType(3)]
    public bool[] Label { get; set; } = [];
    public string Text { get; set; } = "";
}

internal sealed class ProbabilitiesRow
{
    public float[] Label { get; set; } = [];
    public string Text { get; set; } = "";
}

internal sealed class SeveralPrediction
{
    public bool[] PredictedLabels { get; set; } = [];
    public float[] Score { get; set; } = [];
}

internal sealed class ChoiceRow
{
    public float Label { get; set; }
    public string Context { get; set; } = "";
    public string[] Choices { get; set; } = [];
    public string First { get; set; } = "";
    public string Second { get; set; } = "";
    public string Third { get; set; } = "";
}

internal sealed class ChoicePrediction
{
    public int PredictedLabel { get; set; }
    public float[] Score { get; set; } = [];
}

internal sealed class ChoiceScore
{
    public float[] Score { get; set; } = [];
}

/// <summary>Rows of <see cref="SmallTask"/> with labels of each kind.</summary>
internal static class TaskRows
{
    public static List<BooleanRow> Booleans(int count, ulong seed) =>
        [.. SmallTask.Rows(count, seed, classes: 2).Select(row => new BooleanRow { Label = row.Label == "food", Text = row.Text! })];

    /// <summary>The number is that of the class, less one.</summary>
    public static List<NumberRow> Numbers(int count, ulong seed) =>
        [.. SmallTask.Rows(count, seed).Select(row => new NumberRow { Label = Array.IndexOf(SmallTask.Labels, row.Label!) - 1, Text = row.Text! })];

    /// <summary>Texts of one or two rows: the labels are those of both.</summary>
    public static List<SeveralRow> Several(int count, ulong seed)
    {
        var rows = SmallTask.Rows(2 * count, seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                {
                    var parts = rows.GetRange(2 * i, 1 + i % 2);
                    return new SeveralRow
                    {
                        Text = string.Join(' ', parts.Select(part => part.Text)),
                        Label = [.. SmallTask.Labels.Select(label => parts.Exists(part => part.Label == label))],
                    };
                }),
        ];
    }

    /// <summary>One of three choices is about food.</summary>
    public static List<ChoiceRow> Choices(int count, ulong seed)
    {
        var random = new CounterRandom(seed);
        var pool = SmallTask.Rows(10 * count, seed + 100).ToLookup(row => row.Label == "food", row => row.Text!);
        var (food, others) = (pool[true].ToList(), pool[false].ToList());
        var rows = new List<ChoiceRow>();
        for (var i = 0; i < count; i++)
        {
            var label = random.Below(3);
            string[] choices = [others[2 * i], others[2 * i + 1], others[2 * i]];
            choices[label] = food[i];
            rows.Add(
                new()
                {
                    Label = label,
                    Context = "there is some time",
                    Choices = choices,
                    First = choices[0],
                    Second = choices[1],
                    Third = choices[2],
                }
            );
        }
        return rows;
    }
}
