using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

/// <summary>Bad input gets one clear error, before any work.</summary>
[TestClass]
public sealed class BertClassificationInputTests
{
    private static readonly MLContext _ml = new(seed: 1);

    private sealed class KeyedText
    {
        [KeyType(3)]
        public uint Label { get; set; }
        public string? Text { get; set; }
        public float Number { get; set; }
    }

    private static BertClassificationTrainer Trainer(Action<BertClassificationTrainer.Options>? change = null) =>
        _ml.MulticlassClassification.Trainers.BertClassification(SmallTask.Options(change));

    private static IDataView Keys(params (uint Label, string? Text)[] rows) =>
        new RawKeys(_ml.Data.LoadFromEnumerable(rows.Select(r => new KeyedText { Text = r.Text })), [.. rows.Select(r => r.Label)]);

    [TestMethod]
    [DataRow(nameof(BertClassificationTrainer.Options.LabelColumnName), "Lable", "Could not find label column 'Lable'")]
    [DataRow(nameof(BertClassificationTrainer.Options.TextColumnName), "Txt", "Could not find input column 'Txt'")]
    [DataRow(nameof(BertClassificationTrainer.Options.PairColumnName), "Second", "Could not find input column 'Second'")]
    [DataRow(nameof(BertClassificationTrainer.Options.TextColumnName), "Number", "Schema mismatch for input column 'Number': expected String, got Single")]
    [DataRow(nameof(BertClassificationTrainer.Options.LabelColumnName), "Text", "MapValueToKey")]
    public void A_missing_or_mistyped_column_is_named(string option, string column, string message)
    {
        var data = Keys((1, "a"), (2, "b"));
        var trainer = Trainer(o => typeof(BertClassificationTrainer.Options).GetProperty(option)!.SetValue(o, column));
        Assert.Contains(message, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(data)).Message);
        Assert.Contains(message, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(DataView.Schemas.Shape(data.Schema))).Message);
    }

    [TestMethod]
    public void Data_that_cannot_be_learned_from_is_one_error()
    {
        Assert.Contains("has no rows", Assert.ThrowsExactly<InvalidOperationException>(() => Trainer().Fit(Keys())).Message);
        Assert.Contains(
            "all 2 are missing in column 'Label'",
            Assert.ThrowsExactly<InvalidOperationException>(() => Trainer().Fit(Keys((0, "a"), (0, "b")))).Message
        );
        Assert.Contains(
            "have the same label, 'LABEL_1'",
            Assert.ThrowsExactly<InvalidOperationException>(() => Trainer().Fit(Keys((2, "a"), (2, "b")))).Message
        );
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer().Fit(Keys((1, "a"), (4, "b"))));
        Assert.Contains("Label column 'Label' holds 4 in row 2; expected a key from 1 to 3", error.Message);
    }

    [TestMethod]
    public void Data_that_cannot_be_learned_from_is_one_error_in_a_pipeline_too()
    {
        static string Message(params LabeledText[] rows) =>
            Assert.ThrowsExactly<InvalidOperationException>(() => SmallTask.Pipeline(_ml, SmallTask.Options()).Fit(_ml.Data.LoadFromEnumerable(rows))).Message;
        Assert.Contains("has no rows.", Message());
        Assert.Contains("all 2 are missing in column 'Label'", Message(new() { Text = "cat" }, new() { Text = "dog" }));
        Assert.Contains(
            "All 2 rows of the training data have the same label, 'animal'",
            Message(new() { Label = "animal", Text = "cat" }, new() { Label = "animal", Text = "dog" })
        );
    }

    [TestMethod]
    [DataRow("missing", "no/such/folder")]
    [DataRow("config.json", "has no config.json")]
    [DataRow("model.safetensors", "has no weights")]
    [DataRow("vocab.txt tokenizer.json", "has no tokenizer")]
    [DataRow("architecture", "known are albert, bert")]
    [DataRow("shape", "[64, 32] instead of [96, 32]")]
    [DataRow("truncated", "model.safetensors")]
    [DataRow("vocabulary", "vocabulary has 24 entries, but the embedding has only 10 rows")]
    [DataRow("length", "at most 40 tokens")]
    [DataRow("validation", "Could not find input column 'Text'")]
    public void What_is_wrong_is_said_before_a_row_is_read(string what, string message)
    {
        var folder = Directory.CreateTempSubdirectory("bertml-").FullName;
        try
        {
            using (var model = SmallTask.Model())
                model.Save(folder);
            string config = Path.Combine(folder, "config.json"),
                weights = Path.Combine(folder, "model.safetensors");
            var options = SmallTask.Options(o => (o.Model, o.Checkpoint) = (null, what == "missing" ? "no/such/folder" : folder));
            switch (what)
            {
                case "architecture":
                    File.WriteAllText(config, """{"model_type": "roformer"}""");
                    break;
                case "shape":
                    File.WriteAllText(
                        config,
                        File.ReadAllText(config).Replace("\"intermediate_size\": 64", "\"intermediate_size\": 96", StringComparison.Ordinal)
                    );
                    break;
                case "truncated":
                    File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..5000]);
                    break;
                case "vocabulary":
                    File.WriteAllText(
                        config,
                        File.ReadAllText(config).Replace($"\"vocab_size\": {SmallTask.Config.VocabSize}", "\"vocab_size\": 10", StringComparison.Ordinal)
                    );
                    break;
                case "length":
                    options.MaximumLength = 41;
                    break;
                case "validation":
                    options.ValidationSet = _ml.Data.LoadFromEnumerable(new[] { new { Label = "food" } });
                    break;
                case "missing":
                    break;
                default:
                    foreach (var file in what.Split(' '))
                        File.Delete(Path.Combine(folder, file));
                    break;
            }
            var read = 0;
            var rows = SmallTask
                .Rows(20)
                .Select(row =>
                {
                    read++;
                    return row;
                });
            Exception? error = null;
            try
            {
                SmallTask.Pipeline(_ml, options).Fit(_ml.Data.LoadFromEnumerable(rows));
            }
            catch (Exception e)
            {
                error = e;
            }
            Assert.IsNotNull(error);
            Assert.Contains(message, error.Message);
            Assert.AreEqual(0, read);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Missing_labels_are_skipped_and_counted_and_odd_texts_are_taken()
    {
        var ml = new MLContext(seed: 1);
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.RawMessage);
        var odd = Keys(
            (1, "cat"),
            (0, "dog"),
            (2, null),
            (2, ""),
            (1, "  \t "),
            (2, "\ud800 lone"),
            (3, new string('x', 100_000)),
            (1, string.Concat(Enumerable.Repeat("dog ", 100))),
            (0, "b")
        );
        ml.MulticlassClassification.Trainers.BertClassification(SmallTask.Options(o => o.NumberOfEpochs = 1)).Fit(odd).Dispose();
        Assert.IsTrue(log.Exists(line => line.Contains("2 rows of the training data have no label", StringComparison.Ordinal)));
        Assert.IsTrue(log.Exists(line => line.Contains("1 of 7 texts of the training data are longer than 32 tokens", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow(nameof(BertClassificationTrainer.Options.LearningRate), 0.0)]
    [DataRow(nameof(BertClassificationTrainer.Options.LearningRate), -1e-5)]
    [DataRow(nameof(BertClassificationTrainer.Options.LearningRate), double.NaN)]
    [DataRow(nameof(BertClassificationTrainer.Options.LearningRate), double.PositiveInfinity)]
    [DataRow(nameof(BertClassificationTrainer.Options.WarmupRatio), 1.5)]
    [DataRow(nameof(BertClassificationTrainer.Options.WeightDecay), -0.1)]
    [DataRow(nameof(BertClassificationTrainer.Options.MaximumGradientNorm), 0.0)]
    [DataRow(nameof(BertClassificationTrainer.Options.ValidationFraction), 1.0)]
    [DataRow(nameof(BertClassificationTrainer.Options.LabelSmoothing), 1.0)]
    [DataRow(nameof(BertClassificationTrainer.Options.LayerwiseLearningRateDecay), 0.0)]
    [DataRow(nameof(BertClassificationTrainer.Options.NumberOfEpochs), 0)]
    [DataRow(nameof(BertClassificationTrainer.Options.BatchSize), 0)]
    [DataRow(nameof(BertClassificationTrainer.Options.GradientAccumulationSteps), -1)]
    [DataRow(nameof(BertClassificationTrainer.Options.MaximumLength), 3)]
    [DataRow(nameof(BertClassificationTrainer.Options.EarlyStoppingPatience), 2)]
    [DataRow(nameof(BertClassificationTrainer.Options.CheckpointSteps), 10)]
    [DataRow(nameof(BertClassificationTrainer.Options.TextColumnName), " ")]
    [DataRow(nameof(BertClassificationTrainer.Options.TextColumnName), null)]
    [DataRow(nameof(BertClassificationTrainer.Options.ScoreColumnName), null)]
    [DataRow(nameof(BertClassificationTrainer.Options.PairColumnName), "")]
    [DataRow(nameof(BertClassificationTrainer.Options.CheckpointFolder), "")]
    public void An_option_out_of_its_range_is_named(string option, object? value)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Trainer(o => typeof(BertClassificationTrainer.Options).GetProperty(option)!.SetValue(o, value))
        );
        Assert.AreEqual(option, error.ParamName);
        Assert.Contains($"The training option {option} must be", error.Message);
    }

    [TestMethod]
    public void The_model_to_start_from_must_be_one()
    {
        Assert.Contains("Checkpoint", Assert.ThrowsExactly<ArgumentException>(() => Trainer(o => o.Model = null)).Message);
        var data = Keys((1, "a"), (2, "b"));
        var error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => Trainer(o => (o.Model, o.Checkpoint) = (null, "no/such/folder")).Fit(data));
        Assert.Contains("no/such/folder", error.Message);
        Assert.Contains(
            "no tokenizer",
            Assert
                .ThrowsExactly<InvalidDataException>(() => Trainer(o => o.Model = PretrainedModel.Create(SmallTask.Config, Head.Base, null)).Fit(data))
                .Message
        );
        Assert.Contains("at most 40", Assert.ThrowsExactly<InvalidOperationException>(() => Trainer(o => o.MaximumLength = 41).Fit(data)).Message);
    }

    [TestMethod]
    public void A_model_that_lacks_a_part_of_its_encoder_is_refused_however_it_is_given()
    {
        using var folder = new TemporaryFolder();
        using (var model = SmallTask.Model())
            model.Save(folder["model"]);
        var path = Path.Combine(folder["model"], "config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"intermediate_size\": 64", "\"intermediate_size\": 16777216", StringComparison.Ordinal));
        using var other = PretrainedModel.Load(folder["model"]);
        Assert.IsNotEmpty(other.Report.Mismatched);
        foreach (var trainer in (BertClassificationTrainer[])[Trainer(o => o.Model = other), Trainer(o => (o.Model, o.Checkpoint) = (null, folder["model"]))])
            Assert.Contains(
                "bert.encoder.layer.0.intermediate.dense.weight ([64, 32] instead of [16777216, 32])",
                Assert.ThrowsExactly<InvalidDataException>(() => trainer.Fit(Keys((1, "a"), (2, "b")))).Message
            );
    }

    [TestMethod]
    public void A_model_that_memory_cannot_hold_is_one_short_error()
    {
        var config = SmallTask.Config with { HiddenSize = 1 << 24, IntermediateSize = 1 << 24 };
        using var model = PretrainedModel.Create(config, Head.Base, SmallTask.Tokenizer);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Trainer(o => o.Model = model).Fit(Keys((1, "a"), (2, "b"))));
        Assert.StartsWith("Memory does not suffice: libtorch tried to allocate ", error.Message);
        Assert.IsLessThan(200, error.Message.Length);
    }

    [TestMethod]
    public void Options_are_copied()
    {
        var options = SmallTask.Options();
        var trainer = _ml.MulticlassClassification.Trainers.BertClassification(options);
        options.TextColumnName = "Elsewhere";
        trainer.GetOutputSchema(DataView.Schemas.Shape(Keys().Schema));
    }

    /// <summary>A source with labels as they are kept: 0 is a missing one, and the type's count is only a promise.</summary>
    private sealed class RawKeys(IDataView source, uint[] labels) : IDataView
    {
        public DataViewSchema Schema => source.Schema;
        public bool CanShuffle => false;

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            new Cursor(source.GetRowCursor(columnsNeeded), labels);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded)];

        private sealed class Cursor(DataViewRowCursor inner, uint[] labels) : DataViewRowCursor
        {
            public override long Position => inner.Position;
            public override long Batch => inner.Batch;
            public override DataViewSchema Schema => inner.Schema;

            public override bool MoveNext() => inner.MoveNext();

            public override bool IsColumnActive(DataViewSchema.Column column) => inner.IsColumnActive(column);

            public override ValueGetter<DataViewRowId> GetIdGetter() => inner.GetIdGetter();

            public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
                column.Name == "Label"
                    ? (ValueGetter<TValue>)(Delegate)(ValueGetter<uint>)((ref uint value) => value = labels[inner.Position])
                    : inner.GetGetter<TValue>(column);
        }
    }
}
