using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.TokenClassification;
using BertMl.Tokenization;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.FineTuning;

[TestClass]
public sealed class BertTokenClassificationTrainerTests
{
    private static readonly MLContext _ml = new(seed: 1);

    public static IEnumerable<object[]> ModelTypes =>
        FamilyTests
            .Configs.Where(config => config.Architecture.Heads.Contains(Head.TokenClassification))
            .Select(config => new object[] { config.Architecture.ModelType });

    private static BertTokenClassificationTransformer Fit(IEnumerable<TaggedSentence> rows, BertTokenClassificationTrainer.Options options) =>
        Trainer(options).Fit(_ml.Data.LoadFromEnumerable(rows));

    private static BertTokenClassificationTrainer Trainer(BertTokenClassificationTrainer.Options options) =>
        _ml.MulticlassClassification.Trainers.BertTokenClassification(options);

    [TestMethod]
    [DynamicData(nameof(ModelTypes))]
    public void Each_architecture_learns_entities_and_scores_saves_and_exports_them(string modelType)
    {
        using var folder = new TemporaryFolder();
        using var start = PretrainedModel.Create(FamilyTests.Configs.Single(c => c.Architecture.ModelType == modelType), Head.Base, SmallTask.Tokenizer, 1);
        using var model = Fit(EntityTask.Rows(400), EntityTask.Options(o => (o.Model, o.NumberOfEpochs) = (start, 6)));
        CollectionAssert.AreEqual(new[] { "O", "B-ANIMAL", "I-ANIMAL", "B-VEHICLE", "I-VEHICLE" }, model.Labels.ToArray());
        var test = EntityTask.Rows(60, seed: 2);
        Assert.IsGreaterThan(0.9, EntityTask.F1(_ml, model, test));
        Assert.IsLessThan(1e-4, model.SaveOnnx(folder["model.onnx"]).LargestDifference);
        model.SavePretrained(folder["model"]);
        var options = new BertTokenClassificationOptions { TextColumnName = "Words", MaximumLength = 32 };
        using var again = _ml.Transforms.Text.ApplyBertTokenClassification(folder["model"], options).Fit(_ml.Data.LoadFromEnumerable(test));
        Assert.AreEqual(EntityTask.F1(_ml, model, test), EntityTask.F1(_ml, again, test), 1e-9);
    }

    [TestMethod]
    public void It_is_a_component_as_ML_NET_wants_them()
    {
        var data = _ml.Data.LoadFromEnumerable(EntityTask.Rows(40));
        ComponentContract.Check(_ml, Trainer(EntityTask.Options(o => o.NumberOfEpochs = 1)), data, tolerance: 1e-4);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Learns_spans_of_raw_text_and_finds_them_in_raw_text(bool allPieces)
    {
        var options = EntityTask.Options(o =>
        {
            (o.TextColumnName, o.LabelColumnName, o.NumberOfEpochs, o.LabelAllPieces) = ("Text", "Types", 6, allPieces);
            o.Scheme = allPieces ? TagScheme.Iob2 : TagScheme.Iobes;
        });
        using var model = Fit(EntityTask.Rows(400), options);
        var test = EntityTask.Rows(60, seed: 2);
        var found = _ml.Data.CreateEnumerable<FoundEntities>(model.Transform(_ml.Data.LoadFromEnumerable(test)), reuseRowObject: false).ToList();
        var metrics = EntityMetrics.Compute(
            [.. test.Select(row => (IReadOnlyCollection<EntitySpan>)[.. row.Types.Select((type, i) => new EntitySpan(row.Starts[i], row.Ends[i], type))])],
            [
                .. found.Select(row =>
                    (IReadOnlyCollection<EntitySpan>)[.. row.Entities.Select((type, i) => new EntitySpan(row.EntityStarts[i], row.EntityEnds[i], type))]
                ),
            ]
        );
        Assert.IsGreaterThan(0.9, metrics.Micro.F1);
        if (!allPieces)
            CollectionAssert.Contains(model.Labels.ToArray(), "S-ANIMAL");
    }

    [TestMethod]
    [DataRow(DataKind.Byte)]
    [DataRow(DataKind.UInt32)]
    [DataRow(DataKind.UInt64)]
    public void Keys_are_labels_too(DataKind kind)
    {
        var rows = _ml.Data.LoadFromEnumerable(EntityTask.Rows(100));
        var keys = _ml.Transforms.Conversion.MapValueToKey("Tags").Append(_ml.Transforms.Conversion.ConvertType("Tags", outputKind: kind));
        using var model = Trainer(EntityTask.Options(o => o.NumberOfEpochs = 1)).Fit(keys.Fit(rows).Transform(rows));
        CollectionAssert.AreEqual(new[] { "O", "B-ANIMAL", "I-ANIMAL", "B-VEHICLE", "I-VEHICLE" }, model.Labels.ToArray());
    }

    [TestMethod]
    public void The_best_epoch_is_that_of_the_best_F1_of_entities()
    {
        // Long texts are windows, whose predictions are put together.
        var (training, validation) = (EntityTask.Rows(100), EntityTask.Rows(40, seed: 3, length: 50));
        var epochs = new List<EpochMetrics>();
        var options = EntityTask.Options(o =>
        {
            (o.ValidationSet, o.NumberOfEpochs) = (_ml.Data.LoadFromEnumerable(validation), 5);
            o.Progress = new Listener<TrainingProgress>(progress => epochs.AddRange(progress.Metrics is { } metrics ? [metrics] : []));
        });
        using var model = Fit(training, options);
        Assert.HasCount(5, epochs);
        var best = epochs.Last(epoch => epoch.IsBest);
        Assert.AreEqual(epochs.Max(epoch => epoch.ValidationMetrics["f1"]), best.ValidationMetrics["f1"]);
        Assert.AreEqual(EntityTask.F1(_ml, model, validation), best.ValidationMetrics["f1"], 0.01);
        Assert.IsGreaterThan(0.5, best.ValidationMetrics["f1"]);
    }

    [TestMethod]
    public void A_cancelled_training_goes_on_from_its_checkpoint_to_the_same_weights()
    {
        using var folder = new TemporaryFolder();
        using var whole = Fit(EntityTask.Rows(100), Options(false, default, null));
        using var stop = new CancellationTokenSource();
        var listener = new Listener<TrainingProgress>(progress => Stop(progress.Step == 8));
        Assert.ThrowsExactly<OperationCanceledException>(() => Fit(EntityTask.Rows(100), Options(true, stop.Token, listener)));
        using var resumed = Fit(EntityTask.Rows(100), Options(true, default, null));
        whole.SavePretrained(folder["whole"]);
        resumed.SavePretrained(folder["resumed"]);
        CollectionAssert.AreEqual(Weights("whole"), Weights("resumed"));

        byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(folder[name], "model.safetensors"));
        void Stop(bool now)
        {
            if (now)
                stop.Cancel();
        }
        BertTokenClassificationTrainer.Options Options(bool resumes, CancellationToken token, IProgress<TrainingProgress>? progress) =>
            EntityTask.Options(o =>
            {
                (o.NumberOfEpochs, o.ValidationFraction, o.CancellationToken, o.Progress) = (2, 0.2, token, progress);
                if (resumes)
                    (o.CheckpointFolder, o.CheckpointSteps) = (folder["checkpoints"], 3);
            });
    }

    [TestMethod]
    public void Bad_rows_are_named()
    {
        Fails("Row 2 has 2 words in column 'Words' and 1 labels in 'Tags'", new() { Words = ["a"], Tags = ["O"] }, new() { Words = ["a", "b"], Tags = ["O"] });
        Fails(
            "Row 1 in column 'Tags': the tag of word 1 is 'I-X' after 'O', which is not Iob2; expected 'B-X'",
            new TaggedSentence { Words = ["a", "b"], Tags = ["O", "I-X"] }
        );
        Fails("Row 1 in column 'Tags': The tag of word 0 is 'PER'", new TaggedSentence { Words = ["a"], Tags = ["PER"] });
        Spans("Row 1 entity 0..9 'X' is empty or not within the 5 UTF-16 units", [0], [9], ["X"]);
        Spans("Row 1 entities 0..3 'X' and 2..5 'Y' overlap", [0, 2], [3, 5], ["X", "Y"]);
        Spans("Row 1 has 2 starts in column 'Starts', 1 ends in 'Ends' and 1 labels in 'Types'", [0, 1], [3], ["X"]);
        Spans("Row 1 entity 2..4 'X' ('ca') ends within the word 'cat' (2..5); expected a span that begins and ends where words do", [2], [4], ["X"]);
        Spans("Row 1 entity 3..5 'X' ('at') begins within the word 'cat' (2..5)", [3], [5], ["X"]);
        Spans("Row 1 entity 2..3 'X' ('c') ends within the word 'cat' (2..5)", [3, 2], [5, 3], ["Y", "X"]);
        Spans("Row 1 entity 1..2 'X' (' ') has no word in it", [1], [2], ["X"]);
        Spans("Row 1 entity 0..1 ' ' ('a') has an empty label; expected a type", [0], [1], [" "]);
        Spans("Row 1 entity 0..1 'O' ('a') has the label O; expected a type", [0], [1], ["O"]);
        Spans("Row 1 entity 0..1 'B-PER' ('a') has the tag 'B-PER' as its label; expected its type alone, 'PER': the prefix B- of Iob2", [0], [1], ["B-PER"]);
        var nothing = Assert.ThrowsExactly<InvalidOperationException>(() => Fit([new() { Words = ["a"], Tags = ["O"] }], EntityTask.Options()));
        Assert.Contains("no label other than O in column 'Tags'", nothing.Message);
        Assert.Contains("has no rows", Assert.ThrowsExactly<InvalidOperationException>(() => Fit([], EntityTask.Options())).Message);
        var data = _ml.Data.LoadFromEnumerable(EntityTask.Rows(2));
        ComponentContract.Refuses(
            Trainer(EntityTask.Options(o => o.LabelColumnName = "Text")),
            data,
            "expected Vector<String> or a vector of keys, got String"
        );
        ComponentContract.Refuses(
            Trainer(EntityTask.Options(o => (o.TextColumnName, o.StartsColumnName) = ("Text", "Begins"))),
            data,
            "Could not find input column 'Begins'"
        );
        ComponentContract.Refuses(
            Trainer(EntityTask.Options(o => (o.TextColumnName, o.LabelColumnName, o.Scheme) = ("Text", "Types", null))),
            data,
            "Column 'Text' has raw text, whose spans are entities: the training option Scheme must not be null then"
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(EntityTask.Options(o => (o.Scheme, o.RepairTags) = (null, true))));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(EntityTask.Options(o => (o.Scheme, o.BestEpochMetric) = (null, "f1"))));

        static void Fails(string message, params TaggedSentence[] rows) =>
            Assert.Contains(message, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(rows, EntityTask.Options())).Message);

        static void Spans(string message, int[] starts, int[] ends, string[] types)
        {
            var row = new TaggedSentence
            {
                Text = "a cat",
                Starts = starts,
                Ends = ends,
                Types = types,
            };
            var options = EntityTask.Options(o => (o.TextColumnName, o.LabelColumnName) = ("Text", "Types"));
            Assert.Contains(message, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit([row], options)).Message);
        }
    }

    [TestMethod]
    public void Labels_have_weights_by_option()
    {
        // So light an O is hardly learned, and so heavy a one is all that is.
        int Found(double weight)
        {
            var weights = new Dictionary<string, double>(StringComparer.Ordinal) { ["O"] = weight };
            using var model = Fit(EntityTask.Rows(60), EntityTask.Options(o => (o.ClassWeights, o.NumberOfEpochs) = (weights, 2)));
            var scored = model.Transform(_ml.Data.LoadFromEnumerable(EntityTask.Rows(40, seed: 2)));
            return _ml.Data.CreateEnumerable<FoundTags>(scored, reuseRowObject: false).Sum(row => row.PredictedTags.Count(tag => tag != "O"));
        }
        Assert.IsGreaterThan(Found(1000) + 20, Found(0.001));
        var unknown = new Dictionary<string, double>(StringComparer.Ordinal) { ["B-PLANT"] = 2 };
        Assert.Contains(
            "names 'B-PLANT', which is not one of the labels: O, B-ANIMAL",
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(EntityTask.Rows(20), EntityTask.Options(o => o.ClassWeights = unknown))).Message
        );
    }

    [TestMethod]
    public void Tags_are_repaired_by_option()
    {
        var rows = EntityTask.Rows(60);
        foreach (var row in rows)
            row.Tags = [.. row.Tags.Select((tag, i) => i > 0 && row.Tags[i - 1].EndsWith(tag[1..], StringComparison.Ordinal) ? tag : tag.Replace("B-", "I-"))];
        var whole = EntityTask.Rows(60);
        var columns = new TaggedTextColumns(EntityTask.Options(o => o.RepairTags = true));
        foreach (var (text, row) in columns.Read(_ml.Data.LoadFromEnumerable(rows)).Zip(whole))
            CollectionAssert.AreEqual(row.Tags, text.Tags);
        using var model = Fit(rows, EntityTask.Options(o => (o.RepairTags, o.NumberOfEpochs) = (true, 1)));
        CollectionAssert.Contains(model.Labels.ToArray(), "B-VEHICLE");
    }

    [TestMethod]
    public void Spans_are_widened_to_words_by_option_and_the_log_says_how_many()
    {
        // Two spans in the word "abcd", one that ends within "efg", one of a space, and one that only has a space too much.
        var row = new TaggedSentence
        {
            Text = "abcd efg  hi",
            Starts = [0, 2, 5, 8, 9],
            Ends = [2, 4, 7, 9, 12],
            Types = ["X", "Y", "X", "Y", "Y"],
        };
        var columns = EntityTask.Options(o => (o.TextColumnName, o.LabelColumnName, o.RepairTags) = ("Text", "Types", true));
        var read = new TaggedTextColumns(columns);
        CollectionAssert.AreEqual(new[] { "B-X", "B-X", "B-Y" }, read.Read(_ml.Data.LoadFromEnumerable([row])).Single().Tags);
        Assert.AreEqual(4, read.RepairedSpans);
        var ml = new MLContext(seed: 1);
        var warnings = new List<string>();
        ml.Log += (_, e) => warnings.AddRange(e.Message.Contains("spans of the", StringComparison.Ordinal) ? [e.Message] : []);
        columns.NumberOfEpochs = 1;
        using var model = ml.MulticlassClassification.Trainers.BertTokenClassification(columns).Fit(ml.Data.LoadFromEnumerable([row]));
        Assert.Contains("4 spans of the training data do not begin and end where words do", warnings.Single());
    }

    [TestMethod]
    public void An_ignored_label_that_no_data_has_is_refused_before_training()
    {
        var options = EntityTask.Options(o => o.Scoring = new() { IgnoredLabels = ["PLANT"] });
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(EntityTask.Rows(20), options));
        Assert.Contains("Expected of O, ANIMAL, VEHICLE, the labels that entities can have by Aggregation First. (Parameter 'IgnoredLabels')", error.Message);
        Assert.AreEqual("PLANT", error.ActualValue);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Fit(EntityTask.Rows(20), EntityTask.Options(o => o.Scoring = new() { IgnoredLabels = ["ANIMAL", null!] }))
        );
    }

    [TestMethod]
    public void Tags_that_mark_no_entities_are_learned_as_they_are()
    {
        var rows = EntityTask.Rows(300);
        foreach (var row in rows)
            row.Tags = [.. row.Words.Select(word => word.Length > 3 ? "LONG" : "SHORT")];
        var epochs = new List<EpochMetrics>();
        var options = EntityTask.Options(o =>
        {
            (o.Scheme, o.ValidationFraction) = (null, 0.2);
            o.Progress = new Listener<TrainingProgress>(progress => epochs.AddRange(progress.Metrics is { } metrics ? [metrics] : []));
        });
        using var model = Fit(rows, options);
        CollectionAssert.AreEqual(new[] { "LONG", "SHORT" }, model.Labels.ToArray());
        Assert.IsGreaterThan(0.95, epochs[^1].ValidationMetrics["accuracy"]);
    }

    [TestMethod]
    [DataRow(false, "-100 1 -100 0 2 -100 -100", "-1 0 -1 1 2 -1 -1")]
    [DataRow(true, "-100 1 2 0 2 2 -100", "-1 0 -1 1 2 -1 -1")]
    public void First_pieces_have_the_label_of_their_word_or_all_pieces_by_option(bool allPieces, string labels, string words)
    {
        var set = Read(32, allPieces, new TaggedText("abc d efg", [0..3, 4..5, 6..9], ["B-X", "O", "I-X"]));
        Assert.AreEqual(1, set.Count);
        Assert.AreEqual(labels, string.Join(' ', set.Labels(0).ToArray()));
        Assert.AreEqual(words, string.Join(' ', set.Words(0).ToArray()));
    }

    [TestMethod]
    public void A_window_that_begins_within_a_word_does_not_label_the_rest_of_it()
    {
        // "abcdef" has the pieces ab ##c ##d ##e ##f, of which a window takes four.
        var set = Read(6, allPieces: false, new TaggedText("abcdef d", [0..6, 7..8], ["B-X", "O"]));
        Assert.AreEqual(2, set.Count);
        Assert.AreEqual("-100 1 -100 -100 -100 -100", string.Join(' ', set.Labels(0).ToArray()));
        Assert.AreEqual("-100 -100 -100 0 -100", string.Join(' ', set.Labels(1).ToArray()));
        Assert.AreEqual("-100 2 2 0 -100", string.Join(' ', Read(6, true, new TaggedText("abcdef d", [0..6, 7..8], ["B-X", "O"])).Labels(1).ToArray()));
    }

    private static TaggedTexts Read(int maximumLength, bool allPieces, params TaggedText[] texts)
    {
        var tokenizer = WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ab", "##c", "##d", "##e", "##f", "d", "ef", "##g"]);
        var options = new BertTokenClassificationTrainer.Options { LabelAllPieces = allPieces };
        var reading = new RowReading(SmallTask.Config, tokenizer, maximumLength, null!, () => false);
        return TaggedTexts.Read(texts, ["O", "B-X", "I-X"], options, reading);
    }
}
