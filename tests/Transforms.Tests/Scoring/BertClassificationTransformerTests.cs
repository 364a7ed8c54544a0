using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class BertClassificationTransformerTests
{
    // Batches of other sizes add up in another order.
    private const double Rounding = 1e-5;

    private readonly MLContext _context = new(seed: 1);

    private IDataView Data(int count) => _context.Data.LoadFromEnumerable(SmallClassifier.Examples(count).ToArray());

    private static Prediction[] Score(MLContext context, ITransformer transformer, IDataView data) =>
        [.. context.Data.CreateEnumerable<Prediction>(transformer.Transform(data), reuseRowObject: false)];

    [TestMethod]
    public void It_keeps_the_contract_of_components()
    {
        using var folder = new TemporaryFolder();
        SmallClassifier.Model().Save(folder.Path);
        foreach (var data in (IDataView[])[Data(150), _context.Data.Cache(Data(150))])
        {
            ComponentContract.Check(_context, _context.Transforms.Text.ApplyBertClassification(folder.Path), data, tolerance: Rounding);
            ComponentContract.Check(
                _context,
                _context.Transforms.Text.ApplyBertClassification(folder.Path, pairColumnName: "Pair", maximumLength: 12),
                data,
                tolerance: Rounding
            );
        }
    }

    [TestMethod]
    public void Wrong_columns_are_named_at_once()
    {
        using var transformer = SmallClassifier.Transformer(_context, pair: true);
        var estimator = _context.Transforms.Text.ApplyBertClassification("nowhere", pairColumnName: "Pair");
        var missing = _context.Data.LoadFromEnumerable(new[] { new { Text = "" } });
        ComponentContract.Refuses(transformer, missing, "Could not find input column 'Pair'");
        ComponentContract.Refuses(estimator, missing, "Could not find input column 'Pair'");
        var mistyped = _context.Data.LoadFromEnumerable(new[] { new { Text = 1.0, Pair = "" } });
        ComponentContract.Refuses(transformer, mistyped, "Schema mismatch for input column 'Text': expected String, got Double");
        ComponentContract.Refuses(estimator, mistyped, "Schema mismatch for input column 'Text': expected String, got Double");
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => estimator.Fit(Data(1)));
    }

    [TestMethod]
    public void Scores_are_the_softmax_of_the_logits_and_the_label_is_the_greatest()
    {
        using var transformer = SmallClassifier.Transformer(_context);
        var predictions = Score(_context, transformer, Data(300));
        Assert.HasCount(300, predictions);
        foreach (var prediction in predictions)
        {
            Assert.HasCount(3, prediction.Score);
            Assert.AreEqual(1, prediction.Score.Sum(), 1e-5);
            Assert.AreEqual(prediction.Score.Max(), prediction.Score[(int)prediction.PredictedLabel - 1]);
        }
        Assert.IsGreaterThan(1, predictions.Select(prediction => prediction.PredictedLabel).Distinct().Count(), "The random model should tell texts apart.");
    }

    [TestMethod]
    public void Evaluate_names_the_classes_and_MapKeyToValue_gives_the_labels_back()
    {
        var keyed = _context.Transforms.Conversion.MapValueToKey("Label", "Category").Fit(Data(60)).Transform(Data(60));
        using var transformer = SmallClassifier.Transformer(_context, KeyValues.Of(keyed.Schema["Label"]));
        var scored = transformer.Transform(keyed);
        var metrics = _context.MulticlassClassification.Evaluate(scored);
        StringAssert.Contains(metrics.ConfusionMatrix.GetFormattedConfusionTable(), "finance", StringComparison.Ordinal);
        Assert.IsTrue(metrics.LogLoss > 0);
        var named = _context.Transforms.Conversion.MapKeyToValue("Category", "PredictedLabel").Fit(scored).Transform(scored);
        var predicted = Score(_context, transformer, keyed);
        CollectionAssert.AreEqual(
            predicted.Select(p => transformer.Labels[(int)p.PredictedLabel - 1]).ToArray(),
            _context.Data.CreateEnumerable<Example>(named, reuseRowObject: false).Select(row => row.Category).ToArray()
        );
        // A second classifier over the first one's output gets a score set of its own.
        var twice = SmallClassifier.Transformer(_context).Transform(scored);
        Assert.AreNotEqual(ScoreSet(scored.Schema["Score"]), ScoreSet(twice.Schema["Score"]));
    }

    private static uint ScoreSet(DataViewSchema.Column column)
    {
        uint set = 0;
        column.Annotations.GetValue("ScoreColumnSetId", ref set);
        return set;
    }

    [TestMethod]
    public void Labels_keep_their_type_through_saving()
    {
        foreach (
            var labels in (DataViewType[])
                [NumberDataViewType.Int32, NumberDataViewType.Single, BooleanDataViewType.Instance, DateTimeDataViewType.Instance, TextDataViewType.Instance]
        )
        {
            var data = _context.Data.LoadFromEnumerable(
                new[] { 1, 0, 2 }.Select(i => new
                {
                    Int = 10 * i,
                    Real = i / 4f,
                    Bool = i == 1,
                    Date = new DateTime(2026, 1, 1 + i),
                    Text = "t" + i,
                })
            );
            var name =
                labels == NumberDataViewType.Int32 ? "Int"
                : labels == NumberDataViewType.Single ? "Real"
                : labels == BooleanDataViewType.Instance ? "Bool"
                : labels == DateTimeDataViewType.Instance ? "Date"
                : "Text";
            var key = _context.Transforms.Conversion.MapValueToKey("Label", name).Fit(data).Transform(data).Schema["Label"];
            var values = KeyValues.Of(key)!;
            var count = values.Names.Count;
            using var stream = new MemoryStream();
            var writer = new ModelWriter(new BinaryWriter(stream), (_, _) => { });
            values.Write(writer.Main);
            writer.Complete();
            stream.Position = 0;
            var again = KeyValues.Read(new ModelReader(new BinaryReader(stream), (_, _) => false), count);
            CollectionAssert.AreEqual(values.Names.ToArray(), again.Names.ToArray());
            var annotations = new DataViewSchema.Annotations.Builder();
            again.AddTo(annotations, "KeyValues");
            Assert.AreEqual(new VectorDataViewType((PrimitiveDataViewType)labels, count), annotations.ToAnnotations().Schema["KeyValues"].Type);
        }
    }

    [TestMethod]
    public void Any_text_can_be_scored()
    {
        string?[] texts =
        [
            null,
            "",
            " \t\r\n",
            "\ud800",
            "a\udc00b",
            new string('x', 100_000),
            string.Concat(Enumerable.Repeat("the cat ", 12_500)),
            "\0",
            "🐈",
            "[CLS] [SEP] [PAD]",
        ];
        using var transformer = SmallClassifier.Transformer(_context);
        var data = _context.Data.LoadFromEnumerable(texts.Select(text => new Example { Text = text }));
        var batched = Score(_context, transformer, data);
        using var engine = _context.Model.CreatePredictionEngine<Example, Prediction>(transformer, new PredictionEngineOptions { OwnsTransformer = false });
        foreach (var (text, expected) in texts.Zip(batched))
        {
            var prediction = engine.Predict(new Example { Text = text });
            Assert.AreEqual(1, prediction.Score.Sum(), 1e-5);
            for (var i = 0; i < prediction.Score.Length; i++)
                Assert.AreEqual(expected.Score[i], prediction.Score[i], Rounding);
        }
        // The text of many words, in the view and in the engine; the other long one is a single unknown word.
        Assert.AreEqual(2, transformer.TruncatedTextCount);
    }

    [TestMethod]
    public void Cut_texts_are_counted_and_reported_in_the_log()
    {
        var warnings = new List<string>();
        _context.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.RawMessage);
        };
        using var transformer = SmallClassifier.Transformer(_context, maximumLength: 5);
        var data = _context.Data.LoadFromEnumerable(new[] { "the cat sat", "the cat sat .", "the", "a a a a a" }.Select(text => new Example { Text = text }));
        _ = Score(_context, transformer, data);
        Assert.AreEqual(2, transformer.TruncatedTextCount);
        Assert.AreEqual("2 of 4 texts so far were longer than 5 tokens and were cut", warnings.Single());
    }

    [TestMethod]
    public async Task Engines_of_their_own_in_several_threads_give_the_right_answers()
    {
        using var transformer = SmallClassifier.Transformer(_context);
        var examples = SmallClassifier.Examples(60).ToArray();
        var expected = Score(_context, transformer, Data(60));
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(thread =>
                    Task.Run(() =>
                    {
                        var engine = new MLContext().Model.CreatePredictionEngine<Example, Prediction>(transformer);
                        foreach (var i in Enumerable.Range(0, 60).Select(i => (i + 15 * thread) % 60))
                        {
                            var prediction = engine.Predict(examples[i]);
                            Assert.AreEqual(expected[i].PredictedLabel, prediction.PredictedLabel);
                            Assert.AreEqual(expected[i].Score[0], prediction.Score[0], Rounding);
                        }
                    })
                )
        );
    }

    [TestMethod]
    public async Task Disposing_while_others_score_ends_their_work_with_an_error()
    {
        var transformer = SmallClassifier.Transformer(_context);
        var engine = _context.Model.CreatePredictionEngine<Example, Prediction>(transformer);
        using var started = new ManualResetEventSlim();
        var scoring = Task.Run(() =>
        {
            while (true)
            {
                _ = Score(_context, transformer, Data(40));
                started.Set();
            }
        });
        started.Wait();
        engine.Dispose(); // owns the transformer
        transformer.Dispose();
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => scoring);
        Assert.ThrowsExactly<ObjectDisposedException>(() => transformer.ExecutionProvider);
        Assert.ThrowsExactly<ObjectDisposedException>(() => transformer.SavePretrained(Path.GetTempPath()));
        Assert.ThrowsExactly<ObjectDisposedException>(() => transformer.SaveOnnx(Path.GetTempFileName()));
        using var stream = new MemoryStream();
        Assert.ThrowsExactly<ObjectDisposedException>(() => _context.Model.Save(transformer, Data(1).Schema, stream));
    }

    [TestMethod]
    public void The_execution_provider_in_use_is_told()
    {
        using var transformer = SmallClassifier.Transformer(_context);
        Assert.AreEqual("CPUExecutionProvider", transformer.ExecutionProvider);
        using var impossible = SmallClassifier.Transformer(new MLContext { GpuDeviceId = 99, FallbackToCpu = false });
        Assert.Throws<InvalidOperationException>(() => impossible.ExecutionProvider);
        // One line, by which one knows what to add.
        var error = Assert.Throws<InvalidOperationException>(() => Score(_context, impossible, Data(1)));
        StringAssert.StartsWith(error.Message, "GPU 99 cannot be used: ");
        Assert.DoesNotContain('\n', error.Message);
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
            Assert.Contains("reference the package Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime", error.Message);
        using var fallback = SmallClassifier.Transformer(new MLContext { GpuDeviceId = 99, FallbackToCpu = true });
        Assert.AreEqual("CPUExecutionProvider", fallback.ExecutionProvider);
    }

    [TestMethod]
    public void A_loaded_model_is_saved_as_folder_and_as_onnx_like_the_first()
    {
        using var folder = new TemporaryFolder();
        using var transformer = SmallClassifier.Transformer(_context);
        var zip = Path.Combine(folder.Path, "model.zip");
        _context.Model.Save(transformer, Data(1).Schema, zip);
        using var loaded = (BertClassificationTransformer)_context.Model.Load(zip, out _);
        CollectionAssert.AreEqual(SmallClassifier.Config.Labels.ToArray(), loaded.Labels.ToArray());
        Assert.AreEqual(transformer.MaximumLength, loaded.MaximumLength);
        transformer.SavePretrained(Path.Combine(folder.Path, "first"));
        loaded.SavePretrained(Path.Combine(folder.Path, "second"));
        foreach (var file in Directory.GetFiles(Path.Combine(folder.Path, "first")))
            CollectionAssert.AreEqual(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(folder.Path, "second", Path.GetFileName(file))), file);
        Assert.IsLessThan(1e-5, loaded.SaveOnnx(Path.Combine(folder.Path, "model.onnx")).LargestDifference);
        using var again = _context.Transforms.Text.ApplyBertClassification(Path.Combine(folder.Path, "second")).Fit(Data(1));
        foreach (var (a, b) in Score(_context, transformer, Data(100)).Zip(Score(_context, again, Data(100))))
            CollectionAssert.AreEqual(a.Score, b.Score);
    }

    [TestMethod]
    public void A_tokenizer_without_room_for_a_token_is_an_error_of_the_folder()
    {
        using var folder = new TemporaryFolder();
        using (var transformer = SmallClassifier.Transformer(_context))
            transformer.SavePretrained(folder.Path);
        var file = folder["tokenizer_config.json"];
        var config = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(file))!;
        config["model_max_length"] = 1;
        File.WriteAllText(file, config.ToJsonString());
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(1));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => _context.Transforms.Text.ApplyBertClassification(folder.Path).Fit(data));
        Assert.Contains($"{folder.Path}: The model takes at most 1 tokens (model_max_length", error.Message);
    }

    [TestMethod]
    public void A_copy_of_the_model_outlives_the_transformer()
    {
        var transformer = SmallClassifier.Transformer(_context);
        using var copy = transformer.ToPretrainedModel();
        using var folder = new TemporaryFolder();
        transformer.SavePretrained(folder["one"]);
        transformer.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(transformer.ToPretrainedModel);
        copy.Save(folder["other"]);
        foreach (var name in (string[])["config.json", "model.safetensors", "tokenizer.json"])
            CollectionAssert.AreEqual(File.ReadAllBytes(folder[$"one/{name}"]), File.ReadAllBytes(folder[$"other/{name}"]), name);
    }

    [TestMethod]
    public void Models_that_are_no_classifiers_are_refused()
    {
        var columns = new ClassificationColumns(new("Text"), "PredictedLabel", "Score");
        PretrainedModel Make(Head task, BertConfig config) => PretrainedModel.Create(config, task, SmallClassifier.Tokenizer);
        Assert.ThrowsExactly<ArgumentException>(() =>
            new BertClassificationTransformer(_context, Make(Head.MaskedLM, SmallClassifier.Config), columns, null, null)
        );
        Assert.ThrowsExactly<ArgumentException>(() =>
            new BertClassificationTransformer(
                _context,
                Make(Head.SequenceClassification, SmallClassifier.Config with { Labels = ["number"] }),
                columns,
                null,
                null
            )
        );
        Assert.ThrowsExactly<ArgumentException>(() =>
            new BertClassificationTransformer(
                _context,
                Make(Head.SequenceClassification, SmallClassifier.Config with { ProblemType = ProblemType.MultiLabelClassification }),
                columns,
                null,
                null
            )
        );
        Assert.ThrowsExactly<ArgumentException>(() =>
            new BertClassificationTransformer(_context, SmallClassifier.Model(), columns, KeyValues.Of(["only", "two"]), null)
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SmallClassifier.Transformer(_context, maximumLength: 41));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SmallClassifier.Transformer(_context, maximumLength: 1));
        using var folder = new TemporaryFolder();
        Make(Head.MaskedLM, SmallClassifier.Config).Save(folder.Path);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => _context.Transforms.Text.ApplyBertClassification(folder.Path).Fit(Data(1)));
        StringAssert.Contains(
            error.Message,
            "has no classification head; it is one for masked language modelling. Train one with BertClassification,",
            StringComparison.Ordinal
        );
        StringAssert.Contains(error.Message, "ApplyBertFillMask scores it.", StringComparison.Ordinal);
    }
}
