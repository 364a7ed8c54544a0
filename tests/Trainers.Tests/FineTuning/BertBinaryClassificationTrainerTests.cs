using BertMl.Checkpoints;
using BertMl.Metrics;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>The trainer of two classes with a Boolean label learns, evaluates as ML.NET evaluates, saves, and scores as a checkpoint.</summary>
[TestClass]
public sealed class BertBinaryClassificationTrainerTests
{
    private static readonly MLContext _ml = new(seed: 1);

    private static BertBinaryClassificationTrainer.Options Binary(Action<BertBinaryClassificationTrainer.Options>? change = null)
    {
        var options = new BertBinaryClassificationTrainer.Options();
        TaskRows.Prepare(options);
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
}
