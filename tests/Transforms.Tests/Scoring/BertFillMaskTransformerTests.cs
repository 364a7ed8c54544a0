using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class BertFillMaskTransformerTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow("MaskedLM")]
    [DataRow("PreTraining")]
    public void It_is_a_component_as_ML_NET_wants_them(string taskName)
    {
        var task = HeadNames.Find(taskName);
        using var folder = new TemporaryFolder();
        using (var model = PretrainedModel.Create(SmallClassifier.Config, task, SmallClassifier.Tokenizer, seed: 2))
            model.Save(folder.Path);
        var data = Texts([.. SmallClassifier.Examples(300).Select((example, i) => i % 7 == 0 ? example.Text! : example.Text + " [MASK] the [MASK]")]);
        ComponentContract.Check(
            _context,
            _context.Transforms.Text.ApplyBertFillMask(folder.Path, new() { TopK = 3, Candidates = ["cat", "dog", "##ing", "."] }),
            data,
            tolerance: 1e-4
        );
        ComponentContract.Check(
            _context,
            _context.Transforms.Text.ApplyBertFillMask(folder.Path, new() { TopK = 1, MaskIndexColumnName = null }),
            data,
            tolerance: 1e-4
        );
    }

    [TestMethod]
    public void Each_mask_gets_the_most_probable_tokens_best_first()
    {
        using var transformer = Transformer(new() { TopK = 4 });
        var rows = Predict(transformer, "the [MASK] sat", "a [MASK] b [MASK] .", "no mask", "");
        CollectionAssert.AreEqual(new[] { 4, 8, 0, 0 }, rows.Select(row => row.PredictedTokens.Length).ToArray());
        CollectionAssert.AreEqual(rows.Select(row => row.PredictedTokens.Length).ToArray(), rows.Select(row => row.Score.Length).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 0, 1, 1, 1, 1 }, rows[1].MaskIndex);
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 0 }, rows[0].MaskIndex);
        Assert.IsEmpty(rows[2].MaskIndex);
        foreach (var scores in rows.SelectMany(row => row.Score.Chunk(4)))
        {
            CollectionAssert.AreEqual(scores.OrderDescending().ToArray(), scores);
            Assert.IsTrue(scores[^1] > 0 && scores.Sum() < 1);
        }
    }

    [TestMethod]
    public void Candidates_keep_their_probability_among_all_tokens()
    {
        using var all = Transformer(new() { TopK = SmallClassifier.Tokenizer.VocabularySize });
        using var some = Transformer(new() { Candidates = ["dog", "cat", "sat"] });
        var every = Predict(all, "the [MASK] sat").Single();
        Assert.AreEqual(1, every.Score.Sum(), 1e-5);
        var restricted = Predict(some, "the [MASK] sat").Single();
        CollectionAssert.AreEquivalent(new[] { "dog", "cat", "sat" }, restricted.PredictedTokens);
        foreach (var (token, score) in restricted.PredictedTokens.Zip(restricted.Score))
            Assert.AreEqual(every.Score[Array.IndexOf(every.PredictedTokens, token)], score, 1e-6, token);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Transformer(new() { Candidates = ["zebra"] })).Message, "'zebra' is not a token");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Transformer(new() { MaximumLength = 41 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Transforms.Text.ApplyBertFillMask("x", new() { TopK = 0 }));
        var classifier = Assert.ThrowsExactly<ArgumentException>(() => new BertFillMaskTransformer(_context, SmallClassifier.Model(), new()));
        StringAssert.Contains(classifier.Message, "SequenceClassification");
        using var folder = new TemporaryFolder();
        SmallClassifier.Model().Save(folder.Path);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => _context.Transforms.Text.ApplyBertFillMask(folder.Path).Fit(Texts("x"))).Message,
            "has no masked language modelling head; it is one for one of several labels of a text (3 labels)."
        );
        ComponentContract.Refuses(_context.Transforms.Text.ApplyBertFillMask(folder.Path, new() { TextColumnName = "Body" }), Texts("x"), "'Body'");
    }

    [TestMethod]
    public void Predictions_are_those_of_the_fill_mask_pipeline()
    {
        var folder = Golden.Path("golden", "models", "bert-mlm");
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("golden", "pipelines", "fill_mask.json")));
        var rows = cases.RootElement.EnumerateArray().Where(row => row.GetProperty("model").GetString() == "bert-mlm").ToArray();
        Assert.IsGreaterThan(10, rows.Length);
        foreach (var row in rows)
        {
            var options = new BertFillMaskOptions
            {
                TopK = row.GetProperty("top_k").GetInt32(),
                Candidates =
                    row.TryGetProperty("targets", out var targets) && targets.ValueKind == JsonValueKind.Array
                        ? [.. targets.EnumerateArray().Select(target => target.GetString()!)]
                        : null,
            };
            var text = row.GetProperty("text").GetString()!;
            using var transformer = _context.Transforms.Text.ApplyBertFillMask(folder, options).Fit(Texts(text));
            var predicted = Predict(transformer, text).Single();
            var result = row.GetProperty("result")
                .EnumerateArray()
                .SelectMany(entry => entry.ValueKind == JsonValueKind.Array ? entry.EnumerateArray() : Enumerable.Repeat(entry, 1))
                .ToArray();
            CollectionAssert.AreEqual(result.Select(entry => entry.GetProperty("token_str").GetString()).ToArray(), predicted.PredictedTokens, text);
            for (var i = 0; i < result.Length; i++)
                Assert.AreEqual(result[i].GetProperty("score").GetSingle(), predicted.Score[i], 1e-5, text);
        }
    }

    private BertFillMaskTransformer Transformer(BertFillMaskOptions options) =>
        new(_context, PretrainedModel.Create(SmallClassifier.Config, Head.MaskedLM, SmallClassifier.Tokenizer, seed: 2), options);

    private IDataView Texts(params string[] texts) => _context.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }));

    private Prediction[] Predict(BertFillMaskTransformer transformer, params string[] texts) =>
        [.. _context.Data.CreateEnumerable<Prediction>(transformer.Transform(Texts(texts)), reuseRowObject: false)];

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }

    private sealed class Prediction
    {
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];
        public int[] MaskIndex { get; set; } = [];
    }
}
