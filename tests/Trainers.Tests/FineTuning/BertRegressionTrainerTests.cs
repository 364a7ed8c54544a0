using BertMl.Checkpoints;
using BertMl.Metrics;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>The trainer of numbers learns, evaluates as ML.NET evaluates, saves, and scores as a checkpoint.</summary>
[TestClass]
public sealed class BertRegressionTrainerTests
{
    private static readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Of_one_row_nothing_can_be_held_out()
    {
        var options = new BertRegressionTrainer.Options { ValidationFraction = 0.2 };
        TaskRows.Prepare(options, 1);
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
        TaskRows.Prepare(options, 10);
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
        TaskRows.Prepare(options, 1);
        IDataView Rows(params float[] labels) => _ml.Data.LoadFromEnumerable(labels.Select(label => new NumberRow { Label = label, Text = "some bread" }));
        _ml.Regression.Trainers.BertRegression(options).Fit(Rows(1, float.NaN, 2)).Dispose();
        var trainer = _ml.Regression.Trainers.BertRegression(options);
        Assert.Contains("all 2 are missing", Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(Rows(float.NaN, float.NaN))).Message);
        Assert.Contains(
            "Label column 'Label' holds infinity in row 2",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(Rows(1, float.PositiveInfinity))).Message
        );
        ComponentContract.Refuses(
            trainer,
            _ml.Data.LoadFromEnumerable(TaskRows.Booleans(3, 1)),
            "Schema mismatch for label column 'Label': expected Single, got Bool"
        );
    }
}
