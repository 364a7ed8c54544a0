using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class BertEmbeddingsTransformerTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(EmbeddingPooling.Cls, "SequenceClassification", false)]
    [DataRow(EmbeddingPooling.Mean, "Base", true)]
    [DataRow(EmbeddingPooling.Max, "MaskedLM", false)]
    public void It_is_a_component_as_ML_NET_wants_them(EmbeddingPooling pooling, string head, bool pair)
    {
        using var folder = Folder(HeadNames.Find(head));
        var options = new BertEmbeddingsOptions
        {
            Pooling = pooling,
            PairColumnName = pair ? "Pair" : null,
            Normalize = pair,
            MaximumLength = 12,
        };
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(1100).ToArray());
        ComponentContract.Check(_context, _context.Transforms.Text.ApplyBertEmbeddings(folder.Path, options), data, tolerance: 1e-4);
    }

    [TestMethod]
    public void Several_columns_get_the_vectors_that_each_has_alone()
    {
        using var folder = Folder(Head.Base);
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(40).ToArray());
        var options = new BertEmbeddingsOptions { Normalize = true, MaximumLength = 12 };
        InputOutputColumnPair[] columns = [new("TextVector", "Text"), new("PairVector", "Pair")];
        var estimator = _context.Transforms.Text.ApplyBertEmbeddings(columns, folder.Path, options);
        ComponentContract.Check(_context, estimator, data, tolerance: 1e-4);
        using var both = estimator.Fit(data);
        var together = both.Transform(data);
        foreach (var column in columns)
        {
            var single = options with { TextColumnName = column.InputColumnName, OutputColumnName = column.OutputColumnName };
            using var alone = _context.Transforms.Text.ApplyBertEmbeddings(folder.Path, single).Fit(data);
            float[][] Vectors(IDataView view) => [.. view.GetColumn<float[]>(column.OutputColumnName)];
            foreach (var (expected, actual) in Vectors(alone.Transform(data)).Zip(Vectors(together)))
                CollectionAssert.AreEqual(expected, actual);
        }
        ComponentContract.Refuses(_context.Transforms.Text.ApplyBertEmbeddings([new("Vector", "Body")], folder.Path), data, "'Body'");
        var pair = Assert.ThrowsExactly<ArgumentException>(() =>
            _context.Transforms.Text.ApplyBertEmbeddings(columns, folder.Path, new() { PairColumnName = "Pair" })
        );
        StringAssert.StartsWith(pair.Message, "Columns side by side have no second texts; PairColumnName is \"Pair\".");
    }

    [TestMethod]
    public void Vectors_of_the_real_MiniLM_equal_sentence_transformers()
    {
        using var expected = SafetensorsFile.Open(Golden.Path("golden", "minilm", "case.safetensors"));
        var values = new float[expected.Infos["embeddings"].Count];
        expected.Read("embeddings", values);
        Compare(Golden.Path("models", "all-minilm-l6-v2"), MiniLM.Texts, values, 1e-4, out var transformer);
        Assert.AreEqual(EmbeddingPooling.Mean, transformer.Pooling);
        Assert.IsTrue(transformer.IsNormalized);
        Assert.AreEqual(256, transformer.MaximumLength);
        transformer.Dispose();
    }

    [TestMethod]
    [DataRow("cls")]
    [DataRow("lasttoken")]
    [DataRow("max")]
    [DataRow("mean")] // with a Dense layer
    [DataRow("mean_sqrt_len_tokens")]
    [DataRow("weightedmean")]
    public void Vectors_of_every_pooling_equal_sentence_transformers(string pooling)
    {
        var folder = Golden.Path("golden", "pooling", pooling);
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json")));
        string[] texts = [.. file.RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];
        float[] values =
        [
            .. file.RootElement.GetProperty("embeddings").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetSingle()),
        ];
        Compare(folder, texts, values, 1e-5, out var transformer);
        transformer.Dispose();
    }

    [TestMethod]
    public void Vectors_are_pooled_and_normalized_by_their_definitions()
    {
        float[] hidden = [1, -2, 3, 4, 2, 1];
        float[] Pooled(EmbeddingPooling pooling)
        {
            var pooled = new float[2];
            VectorPooling.Pool(pooling, hidden, pooled);
            return pooled;
        }
        CollectionAssert.AreEqual(new float[] { 1, -2 }, Pooled(EmbeddingPooling.Cls));
        CollectionAssert.AreEqual(new float[] { 2, 1 }, Pooled(EmbeddingPooling.Mean));
        CollectionAssert.AreEqual(new float[] { 3, 4 }, Pooled(EmbeddingPooling.Max));
        CollectionAssert.AreEqual(new float[] { 2, 1 }, Pooled(EmbeddingPooling.LastToken));
        CollectionAssert.AreEqual(new float[] { 6 / MathF.Sqrt(3), 3 / MathF.Sqrt(3) }, Pooled(EmbeddingPooling.MeanSqrtLengthTokens));
        CollectionAssert.AreEqual(new float[] { 13 / 6f, 9 / 6f }, Pooled(EmbeddingPooling.WeightedMean));
        float[] vector = [3, 4];
        VectorPooling.Normalize(vector);
        Assert.AreEqual(0.6f, vector[0], 1e-6);
        Assert.AreEqual(0.8f, vector[1], 1e-6);
    }

    [TestMethod]
    public void The_first_tokens_vector_is_the_hidden_state_of_the_last_layer()
    {
        using var folder = Folder(Head.SequenceClassification);
        var texts = Texts("the cat sat", "dog");
        using var embeddings = _context.Transforms.Text.ApplyBertEmbeddings(folder.Path, new() { Pooling = EmbeddingPooling.Cls }).Fit(texts);
        using var states = _context
            .Transforms.Text.ApplyBertAttentions(
                folder.Path,
                new()
                {
                    AttentionsColumnName = null,
                    HiddenStatesColumnName = "Features",
                    HiddenStateLayers = [2],
                }
            )
            .Fit(texts);
        foreach (var (vector, hidden) in Read(embeddings.Transform(texts)).Zip(Read(states.Transform(texts))))
            for (var i = 0; i < embeddings.HiddenSize; i++)
                Assert.AreEqual(hidden[i], vector[i], 1e-5);
    }

    [TestMethod]
    public void A_decoder_whose_head_is_not_supported_has_the_vectors_of_its_encoder()
    {
        using TemporaryFolder folder = new();
        using (
            var model = PretrainedModel.Create(SmallClassifier.Config with { IsDecoder = true, Labels = [] }, Head.MaskedLM, SmallClassifier.Tokenizer, seed: 3)
        )
            model.Save(folder["decoder"]);
        using (var masked = PretrainedModel.Load(folder["decoder"]))
            masked.Save(folder["masked"]);
        var path = Path.Combine(folder["decoder"], "config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("BertForMaskedLM", "BertLMHeadModel", StringComparison.Ordinal));
        var data = Texts("the cat sat", "zebra");
        using var expected = Fit(folder["masked"], new() { OutputColumnName = "Features" });
        using var actual = Fit(folder["decoder"], new() { OutputColumnName = "Features" });
        foreach (var (one, other) in Read(expected.Transform(data)).Zip(Read(actual.Transform(data))))
            CollectionAssert.AreEqual(one, other);
    }

    [TestMethod]
    public void Dense_layers_are_saved_with_the_transformer_and_follow_the_folders_own_pooling_only()
    {
        using var folder = Folder(Head.Base);
        Directory.CreateDirectory(folder["1_Pooling"]);
        File.WriteAllText(Path.Combine(folder["1_Pooling"], "config.json"), """{"pooling_mode": "mean"}""");
        File.WriteAllText(folder["modules.json"], """[{"type": "Pooling", "path": "1_Pooling"}, {"type": "a.b.Dense", "path": "2_Dense"}]""");
        WriteDense(folder, "ReLU", [4, 16], 16);
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(20).ToArray());
        ComponentContract.Check(_context, _context.Transforms.Text.ApplyBertEmbeddings(folder.Path), data, tolerance: 1e-4);
        using var all = Fit(folder.Path, new());
        using var own = Fit(folder.Path, new() { Pooling = EmbeddingPooling.Mean });
        Assert.AreEqual((4, 16), (all.HiddenSize, own.HiddenSize));
        var (projected, pooled) = (Read(all.Transform(Texts("a good film")))[0], Read(own.Transform(Texts("a good film")))[0]);
        // By hand: the weights count up, and there is no bias.
        for (var i = 0; i < 4; i++)
            Assert.AreEqual(Math.Max(0, pooled.Select((value, j) => value * (i * 16 + j) / 100.0).Sum()), projected[i], 1e-4);
    }

    private static void WriteDense(TemporaryFolder folder, string activation, int[] shape, int inputs)
    {
        Directory.CreateDirectory(folder["2_Dense"]);
        File.WriteAllText(
            Path.Combine(folder["2_Dense"], "config.json"),
            $$"""{"in_features": {{inputs}}, "out_features": 4, "bias": false, "activation_function": "torch.nn.modules.activation.{{activation}}"}"""
        );
        var weights = new InMemoryTensors();
        weights.Add("linear.weight", shape, [.. Enumerable.Range(0, shape[0] * shape[1]).Select(i => i / 100f)]);
        using var stream = File.Create(Path.Combine(folder["2_Dense"], "model.safetensors"));
        SafetensorsWriter.Write(stream, weights, ["linear.weight"], TensorElementType.F32);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        using var folder = Folder(Head.Base);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(folder.Path, new() { MaximumLength = 41 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(folder.Path, new() { Pooling = (EmbeddingPooling)9 }));
        Assert.ThrowsExactly<ArgumentException>(() => Fit(folder.Path, new() { OutputColumnName = " " }));
        ComponentContract.Refuses(_context.Transforms.Text.ApplyBertEmbeddings(folder.Path, new() { TextColumnName = "Body" }), Texts("x"), "'Body'");
        Refused("""[{"type": "a.b.Dense", "path": "2_Dense"}]""", "the module Dense is not supported there");
        Refused("""[{"type": "Pooling", "path": "../other"}]""", "leads out of the folder");
        Refused("{}", "modules is Object");
        Directory.CreateDirectory(folder["1_Pooling"]);
        File.WriteAllText(Path.Combine(folder["1_Pooling"], "config.json"), """{"pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true}""");
        Refused("""[{"type": "Pooling", "path": "1_Pooling"}]""", "2 pooling modes are on");
        File.WriteAllText(Path.Combine(folder["1_Pooling"], "config.json"), """{"pooling_mode": "median"}""");
        Refused("""[{"type": "Pooling", "path": "1_Pooling"}]""", "\"median\"");
        File.WriteAllText(Path.Combine(folder["1_Pooling"], "config.json"), """{"pooling_mode": "mean"}""");
        const string withDense = """[{"type": "Pooling", "path": "1_Pooling"}, {"type": "a.b.Dense", "path": "2_Dense"}]""";
        // A number is no name, though the activations have numbers here.
        foreach (var activation in (string[])["Softsign", "1"])
        {
            WriteDense(folder, activation, [4, 16], 16);
            Refused(withDense, "one of Identity, Tanh, ReLU, Sigmoid of torch.nn");
        }
        WriteDense(folder, "Tanh", [4, 15], 16);
        Refused(withDense, "the tensor linear.weight has the shape [4, 15]; config.json asks for [4, 16]");
        WriteDense(folder, "Tanh", [4, 15], 15);
        Refused(withDense, "A Dense layer takes vectors of 15 components; those before it have 16.");

        void Refused(string modules, string message)
        {
            File.WriteAllText(folder["modules.json"], modules);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Fit(folder.Path, new())).Message, message, StringComparison.Ordinal);
        }
    }

    private void Compare(string folder, string[] texts, float[] expected, double tolerance, out BertEmbeddingsTransformer transformer)
    {
        transformer = Fit(folder, new());
        var vectors = Read(transformer.Transform(Texts(texts)));
        Assert.AreEqual(expected.Length, vectors.Sum(vector => vector.Length));
        var greatest = vectors.SelectMany(vector => vector).Zip(expected).Max(pair => Math.Abs(pair.First - pair.Second));
        Console.WriteLine($"Largest difference: {greatest:E1}");
        Assert.IsLessThan(tolerance, greatest);
    }

    private BertEmbeddingsTransformer Fit(string folder, BertEmbeddingsOptions options) =>
        _context.Transforms.Text.ApplyBertEmbeddings(folder, options).Fit(Texts("x"));

    private static TemporaryFolder Folder(Head head)
    {
        var folder = new TemporaryFolder();
        using var model = PretrainedModel.Create(SmallClassifier.Config, head, SmallClassifier.Tokenizer, seed: 2);
        model.Save(folder.Path);
        return folder;
    }

    private IDataView Texts(params string[] texts) => _context.Data.LoadFromEnumerable(texts.Select(text => new TextRow { Text = text }));

    private float[][] Read(IDataView data) => [.. _context.Data.CreateEnumerable<Row>(data, reuseRowObject: false).Select(row => row.Features)];

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }
}
