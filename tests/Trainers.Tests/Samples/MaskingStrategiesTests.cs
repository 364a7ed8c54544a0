using BertMl.Charts;
using BertMl.Masking;
using BertMl.Samples;
using Spectre.Console;

namespace BertMl;

[TestClass]
public sealed class MaskingStrategiesTests
{
    private static readonly string[] Words = ["list", "stream", "file", "socket", "thread", "value", "reads", "writes", "returns", "opens", "the", "of"];

    [TestMethod]
    public void Mean_and_deviation()
    {
        Assert.IsNull(Spread.Of([]));
        Assert.AreEqual("2.50", Spread.Of([2.5])!.Value.ToString("F2"));
        // 2, 4, 9: mean 5, squares 9 + 1 + 16 = 26, over n - 1: 13.
        var spread = Spread.Of([2, 4, 9])!.Value;
        Assert.AreEqual(5, spread.Mean, 1e-12);
        Assert.AreEqual(Math.Sqrt(13), spread.Deviation!.Value, 1e-12);
        Assert.AreEqual("5.0 ± 3.6", spread.ToString("F1"));
    }

    [TestMethod]
    public void Each_way_to_mask_differs_from_the_first_in_one_thing()
    {
        var first = Variant.All[0].Masking!;
        Assert.AreEqual(new MaskingOptions(), first);
        foreach (var variant in Variant.All.Skip(1).Where(variant => variant.Masking is not null))
        {
            var masking = variant.Masking!;
            var differences =
                (masking.Strategy != first.Strategy ? 1 : 0)
                + (masking.Rate != first.Rate ? 1 : 0)
                + ((masking.MaskShare, masking.RandomShare, masking.KeepShare) != (first.MaskShare, first.RandomShare, first.KeepShare) ? 1 : 0);
            Assert.AreEqual(1, differences, variant.Name);
            masking.Check();
        }
        Assert.AreEqual("whole words, 15 %, 80/10/10", Variant.Find(["Whole-Word"]).Single().Description);
        Assert.AreEqual("uniform, 30 %, 80/10/10", Variant.Find(["rate-30"]).Single().Description);
        Assert.HasCount(Variant.All.Count, Variant.Find([]));
        CollectionAssert.AreEqual(new[] { "100/0/0", "none" }, Variant.Find(["none", "100/0/0"]).Select(variant => variant.Name).ToArray());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Variant.Find(["none", "words"])).Message, "'words'; there are 80/10/10, ");
    }

    [TestMethod]
    public void A_line_of_the_table_has_means_and_deviations()
    {
        ExperimentResult[] two = [Result("span", 1, 4, 0.25), Result("span", 2, 5, 0.35)];
        CollectionAssert.AreEqual(
            new[] { "span", "spans, 15 %, 80/10/10", "4.500 ± 0.707", "5.500 ± 0.707", "30.00 ± 7.07", "60.00 ± 7.07" },
            ResultTable.Cells(Variant.Find(["span"]).Single(), two)
        );
        CollectionAssert.AreEqual(
            new[] { "none", "no pretraining", "-", "8.000", "10.00", "40.00" },
            ResultTable.Cells(Variant.Find(["none"]).Single(), [new("none", 1, null, null, 8, 0.1, 0.4, 0.3, 0, 1)])
        );
    }

    [TestMethod]
    public void Results_are_read_back_and_not_mixed_with_those_of_other_settings()
    {
        using var temporary = new TemporaryFolder();
        var path = Path.Combine(temporary.Path, "results");
        var settings = new ExperimentSettings();
        var folder = ResultFolder.Open(path, settings.Decisive);
        ExperimentResult[] results = [Result("80/10/10", 1, 4, 0.25), new("none", 2, null, null, 8, 0.1, 0.4, 0.3, 0, 1)];
        foreach (var result in results)
            folder.Add(result);
        var again = ResultFolder.Open(path, settings.Decisive);
        CollectionAssert.AreEqual(results, again.Results.ToArray());
        Assert.IsTrue(again.Has(Variant.All[0], 1));
        Assert.IsFalse(again.Has(Variant.All[0], 2));
        // Neither more seeds nor fewer rows are other settings; other steps are.
        ResultFolder.Open(path, (settings with { Seeds = 3, Only = ["none"] }).Decisive);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => ResultFolder.Open(path, (settings with { Steps = 7 }).Decisive)).Message,
            "--steps 1000"
        );
        File.AppendAllText(again.CsvPath, "none,3,4\n");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ResultFolder.Open(path, settings.Decisive)).Message, "line 4");
    }

    [TestMethod]
    public void Heads_must_divide_the_width() =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(new ExperimentSettings { Heads = 3 }.Check).Message, "--heads");

    [TestMethod]
    public void A_small_experiment_is_stopped_goes_on_and_gives_table_chart_and_figures()
    {
        using var temporary = new TemporaryFolder();
        var settings = new ExperimentSettings
        {
            Only = ["whole-word", "none"],
            Output = temporary.Path,
            VocabularySize = 60,
            Layers = 1,
            Hidden = 16,
            Steps = 6,
            Length = 16,
            BatchSize = 4,
            ValidationSteps = 2,
            HeldOut = 5,
            FineTuningEpochs = 1,
        };
        var random = new Random(1);
        var texts = Enumerable.Range(0, 400).Select(i => ((long)i / 4, Sentence(random, "it"))).ToList();
        var rows = Enumerable
            .Range(0, 80)
            .Select(i => new LabelledText { Text = Sentence(random, i % 2 == 0 ? "even" : "odd") + " " + i, Label = i % 2 == 0 ? "Even" : "Odd" })
            .ToList();

        // Stopped in the second row, it keeps the first.
        using var cancellation = new CancellationTokenSource();
        using (var stopping = new StoppingWriter(cancellation, "(2 of 2"))
            Assert.ThrowsExactly<OperationCanceledException>(() => Run(settings, stopping, cancellation.Token));
        var results = Path.Combine(temporary.Path, "results.csv");
        var first = File.ReadAllLines(results);
        Assert.HasCount(2, first);
        StringAssert.StartsWith(first[1], "whole-word,1,");

        using var output = new StringWriter();
        Assert.AreEqual(0, Run(settings with { Seeds = 2 }, output, default));
        var all = File.ReadAllLines(results);
        Assert.HasCount(5, all);
        CollectionAssert.AreEqual(first, all[..2], "What was done is not done again.");
        StringAssert.Contains(output.ToString(), "Mean ± standard deviation over 2 seeds");
        Assert.IsGreaterThan(1000, new FileInfo(Path.Combine(temporary.Path, "curves.png")).Length);
        var curve = Curve.FromCsv(Path.Combine(temporary.Path, "runs", "whole-word-seed-2", "curves.csv"), "validation_loss");
        CollectionAssert.AreEqual(new double[] { 2, 4, 6 }, curve.X.ToArray());
        // The curve's end is what the table says of the saved model: the same text, masks and weights.
        var last = ResultFolder
            .Open(temporary.Path, File.ReadAllLines(Path.Combine(temporary.Path, "settings.txt")))
            .Results.Single(result => result is { Name: "whole-word", Seed: 2 });
        Assert.AreEqual(curve.Y[^1], last.CommonLoss, 1e-5);

        int Run(ExperimentSettings chosen, TextWriter writer, CancellationToken cancellationToken)
        {
            var console = AnsiConsole.Create(
                new()
                {
                    Ansi = AnsiSupport.No,
                    Interactive = InteractionSupport.No,
                    Out = new AnsiConsoleOutput(writer),
                }
            );
            console.Profile.Width = 160;
            return new Experiment(console, chosen).Run(texts, rows, cancellationToken);
        }
    }

    private static ExperimentResult Result(string name, int seed, double loss, double accuracy) =>
        new(name, seed, loss, accuracy, loss + 1, accuracy, accuracy + 0.3, accuracy, 10, 20);

    private static string Sentence(Random random, string word) =>
        string.Join(' ', Enumerable.Range(0, 8).Select(_ => Words[random.Next(Words.Length)]).Append(word));

    /// <summary>Cancels when a text is written.</summary>
    private sealed class StoppingWriter(CancellationTokenSource cancellation, string text) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            Stop();
        }

        public override void Write(char value)
        {
            base.Write(value);
            Stop();
        }

        public override void Write(char[] buffer, int index, int count)
        {
            base.Write(buffer, index, count);
            Stop();
        }

        private void Stop()
        {
            if (GetStringBuilder().ToString().Contains(text, StringComparison.Ordinal))
                cancellation.Cancel();
        }
    }
}
