using System.Text.Json;

namespace BertMl.Training;

[TestClass]
public sealed class LearningRatesTests
{
    [TestMethod]
    public void Schedules_equal_those_of_Hugging_Face()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Training", "schedules.json")));
        foreach (var schedule in file.RootElement.EnumerateArray())
        {
            var name = schedule.GetProperty("name").GetString()!;
            var total = schedule.GetProperty("total").GetInt32();
            var options = new TestOptions
            {
                LearningRateSchedule = Enum.Parse<LearningRateSchedule>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
                LearningRate = schedule.GetProperty("base").GetDouble(),
                WarmupSteps = schedule.GetProperty("warmup").GetInt32(),
                WarmupFromZero = true,
            };
            if (schedule.TryGetProperty("num_cycles", out var cycles))
                options.NumberOfRestartCycles = cycles.GetInt32();
            if (schedule.TryGetProperty("power", out var power))
                (options.PolynomialPower, options.FinalLearningRate) = (power.GetDouble(), schedule.GetProperty("lr_end").GetDouble());
            var expected = schedule.GetProperty("values").EnumerateArray().Select(v => v.GetDouble()).ToArray();
            for (var step = 0; step < expected.Length; step++)
                Assert.AreEqual(expected[step], LearningRates.At(options, step, total), 1e-18, $"{name}, step {step}");
        }
    }

    [TestMethod]
    public void Warm_up_rises_to_the_whole_rate_and_begins_above_zero()
    {
        var options = new TestOptions { LearningRate = 1, WarmupSteps = 4 };
        CollectionAssert.AreEqual(
            new[] { 0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25 },
            Enumerable.Range(0, 8).Select(i => LearningRates.At(options, i, 8)).ToArray()
        );
    }

    [TestMethod]
    public void The_warm_up_ratio_is_rounded_up_to_steps() => Assert.AreEqual(4, LearningRates.WarmupSteps(new TestOptions { WarmupRatio = 0.1 }, 31));
}
