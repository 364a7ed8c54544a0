using Microsoft.ML;

namespace BertMl.FineTuning;

/// <summary>A temperature that is found while training.</summary>
[TestClass]
public sealed class CalibratedTrainingTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void The_temperature_is_that_of_the_validation_rows()
    {
        var keys = _context.Transforms.Conversion.MapValueToKey("Label").Fit(_context.Data.LoadFromEnumerable(SmallTask.Rows(100)));
        var training = keys.Transform(_context.Data.LoadFromEnumerable(SmallTask.Rows(120)));
        // One label in five is wrong: the confidence is another than it would be.
        var rows = SmallTask.Rows(200, seed: 2);
        for (var i = 0; i < rows.Count; i += 5)
            rows[i].Label = SmallTask.Labels[(Array.IndexOf(SmallTask.Labels, rows[i].Label) + 1) % 3];
        var validation = keys.Transform(_context.Data.LoadFromEnumerable(rows));
        var options = SmallTask.Options(options => (options.ValidationSet, options.CalibrateTemperature) = (validation, true));
        using var classifier = _context.MulticlassClassification.Trainers.BertClassification(options).Fit(training);
        var found = classifier.Temperature;
        Console.WriteLine($"temperature {found:F3}");
        Assert.AreNotEqual(1, found, 0.02);
        // Found by libtorch's outputs; this is by ONNX Runtime's.
        Assert.AreEqual(classifier.Calibrate(validation), found, 0.05 * found);
    }

    [TestMethod]
    public void Without_validation_rows_it_is_refused()
    {
        var options = SmallTask.Options(options => options.CalibrateTemperature = true);
        StringAssert.Contains(
            Assert.Throws<ArgumentException>(() => _context.MulticlassClassification.Trainers.BertClassification(options)).Message,
            nameof(options.CalibrateTemperature)
        );
    }
}
