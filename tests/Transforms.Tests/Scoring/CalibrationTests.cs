using BertMl.Metrics;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

/// <summary>Temperature scaling of a classifier, saved with it.</summary>
[TestClass]
public sealed class CalibrationTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Confidence_changes_and_labels_do_not(bool keys)
    {
        using var classifier = SmallClassifier.Transformer(_context);
        var data = Data();
        if (keys)
            // In another order than the model's: names decide.
            data = _context.Transforms.Conversion.MapValueToKey("Category").Fit(data).Transform(data);
        var before = Score(classifier, data);
        var temperature = classifier.Calibrate(data, "Category");
        Assert.AreEqual(temperature, classifier.Temperature);
        Assert.AreNotEqual(1, temperature, 0.01);
        var after = Score(classifier, data);
        CollectionAssert.AreEqual(before.Select(row => row.PredictedLabel).ToArray(), after.Select(row => row.PredictedLabel).ToArray());
        Assert.IsLessThan(LogLoss(before), LogLoss(after));
        // It was the best: from there nothing is gained.
        Assert.AreEqual(temperature, classifier.Calibrate(data, "Category"), 0.01 * temperature);
        for (var row = 0; row < 20; row++)
        {
            float[] logits = [.. before[row].Score.Select(score => MathF.Log(score))];
            var expected = TemperatureScaling.Apply(logits, 3, temperature);
            for (var i = 0; i < 3; i++)
                Assert.AreEqual(expected[i], after[row].Score[i], 1e-4);
        }
    }

    [TestMethod]
    public void It_is_saved_with_the_folder()
    {
        using var classifier = SmallClassifier.Transformer(_context);
        var data = Data();
        classifier.Calibrate(data, "Category");
        using var folder = new TemporaryFolder();
        classifier.SavePretrained(folder.Path);
        using (var again = _context.Transforms.Text.ApplyBertClassification(folder.Path).Fit(data))
            Assert.AreEqual(classifier.Temperature, again.Temperature);
        var config = Path.Combine(folder.Path, "config.json");
        var text = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(config))!;
        text["bertml_temperature"] = "hot";
        File.WriteAllText(config, text.ToJsonString());
        var error = Assert.ThrowsExactly<InvalidDataException>(() => _context.Transforms.Text.ApplyBertClassification(folder.Path).Fit(data));
        Assert.Contains("config.json: bertml_temperature is \"hot\"; expected a number.", error.Message);
    }

    [TestMethod]
    public void It_is_saved_with_the_model()
    {
        using var classifier = SmallClassifier.Transformer(_context);
        var data = Data();
        classifier.Calibrate(data, "Category");
        using var stream = new MemoryStream();
        _context.Model.Save(classifier, data.Schema, stream);
        stream.Position = 0;
        using var loaded = (BertClassificationTransformer)new MLContext().Model.Load(stream, out _);
        Assert.AreEqual(classifier.Temperature, loaded.Temperature);
        foreach (var (expected, actual) in Score(classifier, data).Zip(Score(loaded, data)))
            CollectionAssert.AreEqual(expected.Score, actual.Score);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        using var classifier = SmallClassifier.Transformer(_context);
        var unknown = _context.Data.LoadFromEnumerable([new Example { Text = "a", Category = "sport" }, new Example { Text = "b", Category = "weather" }]);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => classifier.Calibrate(unknown, "Category")).Message,
            "Row 2 has the label 'weather'; the model has animals, finance, sport."
        );
        var none = _context.Data.LoadFromEnumerable([new Example { Text = "a", Category = "" }]);
        StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentException>(() => classifier.Calibrate(none, "Category")).Message, "No row has a label");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => classifier.Calibrate(Data(), "Kind")).Message, "'Kind'");
        Assert.AreEqual(1, classifier.Temperature);
    }

    private IDataView Data() => _context.Data.LoadFromEnumerable(SmallClassifier.Examples(300).ToArray());

    private Prediction[] Score(BertClassificationTransformer classifier, IDataView data) =>
        [.. _context.Data.CreateEnumerable<Prediction>(classifier.Transform(data), reuseRowObject: false)];

    private static double LogLoss(Prediction[] rows) => rows.Select((row, i) => -Math.Log(Math.Max(row.Score[i % 3], 1e-30))).Average();
}
