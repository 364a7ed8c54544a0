using System.Text.Json;
using BertMl.Metrics;

namespace BertMl.Tests.Metrics;

[TestClass]
public sealed class ClassificationMetricsTests
{
    private const double Tolerance = 1e-9;

    [TestMethod]
    public void Tens_of_thousands_of_classes_need_no_table_of_all_pairs()
    {
        const int classes = 60_000;
        int[] labels = [0, 1, classes - 1, 5],
            predictions = [0, 2, classes - 1, 5];
        var metrics = SingleLabelMetrics.Compute(labels, predictions, [.. Enumerable.Range(0, classes).Select(i => $"{i}")]);
        Assert.AreEqual(0.75, metrics.Accuracy);
        Assert.AreEqual((1L, 1L, 0L), (metrics.Confusion(1, 2), metrics.Confusion(classes - 1, classes - 1), metrics.Confusion(2, 1)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => metrics.Confusion(0, classes));
    }

    [TestMethod]
    public void Metrics_of_one_label_equal_scikit_learn()
    {
        foreach (var golden in MetricsCases.Of("classes"))
        {
            var labels = golden.Array<int>("gold");
            var probabilities = golden.Array<double[]>("probabilities");
            var names = Enumerable.Range(0, probabilities[0].Length).Select(i => $"class {i}").ToArray();
            var metrics = SingleLabelMetrics.Compute(labels, golden.Array<int>("predicted"), names);
            Assert.AreEqual(golden.Number("accuracy"), metrics.Accuracy, Tolerance);
            Assert.AreEqual(golden.Number("micro_f1"), metrics.Accuracy, Tolerance);
            Assert.AreEqual(golden.Number("macro_f1"), metrics.Macro.F1, Tolerance);
            Assert.AreEqual(golden.Number("weighted_f1"), metrics.Weighted.F1, Tolerance);
            Assert.AreEqual(golden.Number("matthews"), metrics.MatthewsCorrelation, Tolerance);
            if (names.Length == 2)
                Assert.AreEqual(golden.Number("f1"), metrics.BinaryF1, Tolerance);
            else
                Assert.ThrowsExactly<InvalidOperationException>(() => metrics.BinaryF1);
            AssertEqual(golden.Array<double>("precision"), metrics.PerLabel.Select(score => score.Precision));
            AssertEqual(golden.Array<double>("recall"), metrics.PerLabel.Select(score => score.Recall));
            AssertEqual(golden.Array<double>("f1_by_class"), metrics.PerLabel.Select(score => score.F1));
            foreach (var (i, row) in golden.Array<int[]>("confusion").Index())
                CollectionAssert.AreEqual(row, names.Select((_, j) => (int)metrics.Confusion(i, j)).ToArray());
            Assert.AreEqual(golden.Number("log_loss"), LogLoss.Compute(labels, [.. probabilities.SelectMany(row => row)], names.Length), Tolerance);
        }
    }

    [TestMethod]
    public void Metrics_of_numbers_equal_SciPy()
    {
        foreach (var golden in MetricsCases.Of("regression"))
        {
            var metrics = CorrelationMetrics.Compute(golden.Array<double>("gold"), golden.Array<double>("predicted"));
            Assert.AreEqual(golden.Number("pearson"), metrics.Pearson, Tolerance);
            Assert.AreEqual(golden.Number("spearman"), metrics.Spearman, Tolerance);
            Assert.AreEqual(golden.Number("mse"), metrics.MeanSquaredError, Tolerance);
        }
        Assert.IsTrue(double.IsNaN(CorrelationMetrics.Compute([1, 1, 1], [1, 2, 3]).Pearson));
    }

    [TestMethod]
    public void A_class_that_neither_occurs_nor_is_predicted_is_left_out_of_averages()
    {
        var metrics = SingleLabelMetrics.Compute([0, 1, 1], [0, 1, 0], ["a", "b", "c"]);
        Assert.AreEqual(2 / 3.0, metrics.Macro.F1, Tolerance);
        Assert.HasCount(3, metrics.PerLabel);
        Assert.AreEqual(0, metrics.PerLabel[2].F1);
    }

    [TestMethod]
    public void Several_labels_are_counted_by_label_and_together()
    {
        // By hand: label a is found 1 of 2 times, b 1 of 1 and once too often; only the first row is right in all.
        var metrics = MultiLabelMetrics.Compute([true, false, true, true, false, false], [true, false, false, true, false, true], ["a", "b"]);
        Assert.AreEqual(1 / 3.0, metrics.ExactMatch, Tolerance);
        Assert.AreEqual(new LabelScore("a", 1, 0.5, 2 / 3.0, 2), metrics.PerLabel[0]);
        Assert.AreEqual(new LabelScore("b", 0.5, 1, 2 / 3.0, 1), metrics.PerLabel[1]);
        Assert.AreEqual(2 / 3.0, metrics.Micro.F1, Tolerance);
        Assert.AreEqual(2 / 3.0, metrics.Macro.F1, Tolerance);
        Assert.AreEqual((1 * 2 + 0.5 * 1) / 3, metrics.Weighted.Precision, Tolerance);
        Assert.AreEqual(3, metrics.Weighted.Support);
    }

    [TestMethod]
    public void Reports_are_aligned_tables()
    {
        var report = SingleLabelMetrics.Compute([0, 1, 1, 1], [0, 1, 0, 1], ["negative", "café"]).ToString();
        Assert.AreEqual(
            """
                         precision    recall  f1-score   support

                negative    0.5000    1.0000    0.6667         1
                    café    1.0000    0.6667    0.8000         3

                accuracy                        0.7500         4
               macro avg    0.7500    0.8333    0.7333         4
            weighted avg    0.8750    0.7500    0.7667         4

            """.ReplaceLineEndings("\n"),
            report
        );
    }

    [TestMethod]
    public void Calibration_is_that_of_the_paper()
    {
        // Two bins of three rows and one: |2/3 - 0.9| weighs 3/4, |0 - 0.5| weighs 1/4.
        var metrics = CalibrationMetrics.Compute([0.9f, 0.9f, 0.9f, 0.5f], [true, true, false, false], bins: 2);
        Assert.AreEqual(0.75 * (0.9 - 2 / 3.0) + 0.25 * 0.5, metrics.ExpectedCalibrationError, 1e-7);
        Assert.AreEqual(0.5, metrics.MaximumCalibrationError, 1e-7);
        CollectionAssert.AreEqual(new long[] { 1, 3 }, metrics.Bins.Select(bin => bin.Count).ToArray());
        Assert.AreEqual(0, CalibrationMetrics.Compute([1f, 0f], [true, false]).ExpectedCalibrationError);
    }

    [TestMethod]
    public void What_cannot_be_compared_is_refused()
    {
        StringAssert.Contains(Refused(() => SingleLabelMetrics.Compute([0], [0, 1], ["a", "b"])), "1 labels and 2 predictions");
        StringAssert.Contains(Refused(() => SingleLabelMetrics.Compute([], [], ["a", "b"])), "no rows");
        StringAssert.Contains(Refused(() => SingleLabelMetrics.Compute([0, 1], [0, 2], ["a", "b"])), "Row 1 of predictions has the class 2");
        StringAssert.Contains(Refused(() => MultiLabelMetrics.Compute([true, true, true], [true, true, true], ["a", "b"])), "3 values are not rows of 2");
        StringAssert.Contains(Refused(() => CalibrationMetrics.Compute([1.5f], [true])), "Row 0 has the confidence 1.5");
        StringAssert.Contains(Refused(() => LogLoss.Compute([3], [0.5, 0.5], 2)), "Row 0 has the class 3");
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;

    private static void AssertEqual(double[] expected, IEnumerable<double> actual)
    {
        foreach (var (left, right) in expected.Zip(actual))
            Assert.AreEqual(left, right, Tolerance);
    }
}
