using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class BertAttentionsTransformerTests
{
    private readonly MLContext _context = new(seed: 1);

    public static IEnumerable<object[]> Models => GoldenModels.Names.Select(name => new object[] { name });

    [TestMethod]
    [DataRow("Base", false)]
    [DataRow("SequenceClassification", true)]
    [DataRow("MaskedLM", false)]
    public void It_is_a_component_as_ML_NET_wants_them(string head, bool pair)
    {
        using var folder = Folder(HeadNames.Find(head));
        var options = new BertAttentionsOptions
        {
            PairColumnName = pair ? "Pair" : null,
            HiddenStatesColumnName = "HiddenStates",
            MaximumLength = 12,
        };
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(300).ToArray());
        ComponentContract.Check(_context, _context.Transforms.Text.ApplyBertAttentions(folder.Path, options), data, tolerance: 1e-5);
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Attentions_and_hidden_states_of_any_head_equal_Hugging_Face(string name)
    {
        var path = Golden.Path("golden", "models", name);
        using var golden = new GoldenModel(path, Path.Combine(path, "case.safetensors"));
        if (golden.Choices > 1)
            Assert.Inconclusive("Skipped: the case has several texts a row.");
        var config = golden.Model.Config;
        string[] attentions = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(layer => $"{ObservedNames.Attentions}{layer}")];
        string[] states = [.. Enumerable.Range(0, config.NumHiddenLayers + 1).Select(layer => $"{ObservedNames.HiddenStates}{layer}")];
        using var session = OnnxSession.Create(
            golden.Model,
            new()
            {
                Head = new EncoderHead(golden.Model.Head, EncoderOutput.None),
                Graph = new() { Operators = OnnxOperators.Fused, Observed = [.. attentions, .. states] },
            }
        );
        CollectionAssert.AreEquivalent(attentions.Concat(states).ToList(), session.OutputNames.ToList());
        var outputs = new ModelOutputs();
        session.Run(golden.Batch, outputs);
        var compared = 0;
        foreach (var output in session.Outputs)
        {
            var number = output.Name[(output.Name.IndexOf('.', StringComparison.Ordinal) + 1)..];
            var other = attentions.Contains(output.Name) ? $"attention.{int.Parse(number) + 1}" : $"hidden.{number}";
            if (golden.Expected(other) is not { } expected)
                continue;
            compared++;
            Assert.IsLessThanOrEqualTo(1e-5, OnnxExporter.Difference(output, expected, outputs[output.Name][..expected.Length], golden.Batch), output.Name);
        }
        Assert.IsGreaterThan(1, compared);
    }

    [TestMethod]
    public void Attentions_of_the_real_MiniLM_equal_Hugging_Face()
    {
        using var expected = SafetensorsFile.Open(Golden.Path("golden", "minilm", "case.safetensors"));
        var shape = expected.Infos["out.attention.6.row0"].Shape.Select(size => (int)size).ToArray();
        var values = new float[shape.Aggregate(1, (product, size) => product * size)];
        expected.Read("out.attention.6.row0", values);
        // The rows were computed together, the first among them: others are longer.
        var texts = Texts([.. MiniLM.Texts[..8], MiniLM.Texts[60]]);
        using var transformer = _context
            .Transforms.Text.ApplyBertAttentions(Golden.Path("models", "all-minilm-l6-v2"), new() { Layers = [5], MaximumLength = 128 })
            .Fit(texts);
        var row = Read(transformer.Transform(texts))[0];
        var length = row.Tokens.Length;
        Assert.IsLessThan(shape[1], length);
        Assert.HasCount(shape[0] * length * length, row.Attentions);
        var greatest = 0.0;
        for (var i = 0; i < row.Attentions.Length; i++)
        {
            var (head, from, to) = (i / (length * length), i / length % length, i % length);
            greatest = Math.Max(greatest, Math.Abs(row.Attentions[i] - values[(head * shape[1] + from) * shape[2] + to]));
        }
        Console.WriteLine($"Largest difference: {greatest:E1}");
        Assert.IsLessThan(1e-4, greatest);
    }

    [TestMethod]
    public void Each_layer_of_a_group_of_ALBERT_counts()
    {
        using var folder = new TemporaryFolder();
        var config = new AlbertConfig
        {
            VocabSize = SmallClassifier.Config.VocabSize,
            EmbeddingSize = 8,
            HiddenSize = 16,
            NumHiddenLayers = 2,
            InnerGroupNum = 3,
            NumAttentionHeads = 2,
            IntermediateSize = 16,
        };
        using (var model = PretrainedModel.Create(config, Head.Base, SmallClassifier.Tokenizer, seed: 1))
            model.Save(folder.Path);
        using var transformer = Transformer(folder, new() { HiddenStatesColumnName = "HiddenStates" });
        Assert.HasCount(6, transformer.Layers);
        Assert.HasCount(7, transformer.HiddenStateLayers);
        Assert.HasCount(6 * 2 * 25, Read(transformer.Transform(Texts("the cat sat")))[0].Attentions);
    }

    [TestMethod]
    public void Layers_and_heads_are_chosen_and_ordered()
    {
        using var folder = Folder(Head.Base);
        using var all = Transformer(folder, new());
        using var some = Transformer(folder, new() { Layers = [1, 0], Heads = [1] });
        var (whole, part) = (Read(all.Transform(Texts("the cat sat")))[0], Read(some.Transform(Texts("the cat sat")))[0]);
        CollectionAssert.AreEqual(new[] { "[CLS]", "the", "cat", "sat", "[SEP]" }, whole.Tokens);
        const int square = 25;
        Assert.HasCount(4 * square, whole.Attentions);
        CollectionAssert.AreEqual(
            whole.Attentions[(3 * square)..].Concat(whole.Attentions[square..(2 * square)]).ToArray(),
            part.Attentions,
            "layer 1, head 1 and then layer 0, head 1"
        );
        for (var row = 0; row < 4 * 5; row++)
            Assert.AreEqual(1, whole.Attentions[(row * 5)..(row * 5 + 5)].Sum(), 1e-5);
        var type = (VectorDataViewType)some.GetOutputSchema(Texts("x").Schema)["Attentions"].Type;
        CollectionAssert.AreEqual(new[] { 2, 1, 0, 0 }, type.Dimensions);
    }

    [TestMethod]
    public void One_text_or_pair_is_computed_by_itself()
    {
        using var folder = Folder(Head.Base);
        using var transformer = Transformer(folder, new() { MaximumLength = 6 });
        var single = transformer.Compute("the cat sat");
        CollectionAssert.AreEqual(Read(transformer.Transform(Texts("the cat sat")))[0].Attentions, single.Values);
        Assert.IsNull(single.SentenceBStart);
        Assert.AreEqual(5, single.LengthOfText);
        var pair = transformer.Compute("the cat sat", "dog");
        Assert.AreEqual(4, pair.SentenceBStart, string.Join(' ', pair.Tokens));
        Assert.HasCount(6, pair.Tokens);
        Assert.AreEqual(7, pair.LengthOfText);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        using var folder = Folder(Head.Base);
        var layer = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Transformer(folder, new() { Layers = [0, 2] }));
        StringAssert.StartsWith(layer.Message, "The model has 2 layers, 0 to 1: there is no layer 2.");
        var head = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Transformer(folder, new() { Heads = [-1] }));
        StringAssert.StartsWith(head.Message, "The model has 2 heads, 0 to 1: there is no head -1.");
        var state = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Transformer(folder, new() { HiddenStatesColumnName = "States", HiddenStateLayers = [3] })
        );
        StringAssert.StartsWith(state.Message, "The model has 3 hidden states, 0 to 2: there is no hidden state 3.");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Transformer(folder, new() { Layers = [] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Transformer(folder, new() { Layers = [0, 0] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Transformer(folder, new() { MaximumLength = 41 }));
        Assert.ThrowsExactly<ArgumentException>(() => Transformer(folder, new() { AttentionsColumnName = null }));
        Assert.ThrowsExactly<ArgumentException>(() => Transformer(folder, new() { AttentionsColumnName = "Tokens" }));
        ComponentContract.Refuses(_context.Transforms.Text.ApplyBertAttentions(folder.Path, new() { TextColumnName = "Body" }), Texts("x"), "'Body'");
        File.WriteAllText(folder["config.json"], File.ReadAllText(folder["config.json"]).Replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 0"));
        var none = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Transformer(folder, new()));
        StringAssert.StartsWith(none.Message, "The model has no layers.");
    }

    private static TemporaryFolder Folder(Head head)
    {
        var folder = new TemporaryFolder();
        using var model = PretrainedModel.Create(SmallClassifier.Config, head, SmallClassifier.Tokenizer, seed: 2);
        model.Save(folder.Path);
        return folder;
    }

    private BertAttentionsTransformer Transformer(TemporaryFolder folder, BertAttentionsOptions options) =>
        _context.Transforms.Text.ApplyBertAttentions(folder.Path, options).Fit(Texts("x"));

    private IDataView Texts(params string[] texts) => _context.Data.LoadFromEnumerable(texts.Select(text => new TextRow { Text = text }));

    private Row[] Read(IDataView data) => [.. _context.Data.CreateEnumerable<Row>(data, reuseRowObject: false)];

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }

    private sealed class Row
    {
        public string[] Tokens { get; set; } = [];
        public float[] Attentions { get; set; } = [];
    }
}
