using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Tokenization.Learning;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class BertNextTokenTransformerTests
{
    private const int Longest = 12;
    private static readonly string[] _texts = ["the cat sat", "a dog ran and ran", "cats", " ", "the dog and the cat sat on the mat where a horse had been"];

    private static readonly PretrainedTokenizer _tokenizer = new BytePairVocabularyLearner(
        new() { VocabularySize = 300, Tokenizer = BytePairTokenizerOptions.Gpt2 }
    ).Learn(_texts.Concat(_texts));

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void It_is_a_component_as_ML_NET_wants_them()
    {
        using var folder = new TemporaryFolder();
        using (var model = Model())
            model.Save(folder.Path);
        var data = Texts([.. Enumerable.Range(0, 300).Select(i => _texts[i % 5] + (i % 7 == 0 ? "" : " sat"))]);
        BertNextTokenOptions options = new() { TopK = 3, Candidates = ["a", "t", "Ġthe", "<|endoftext|>"] };
        ComponentContract.Check(_context, _context.Transforms.Text.ApplyBertNextToken(folder.Path, options), data, tolerance: 1e-4);
        ComponentContract.Refuses(_context.Transforms.Text.ApplyBertNextToken(folder.Path, new() { TextColumnName = "Body" }), data, "'Body'");
    }

    [TestMethod]
    public void Probabilities_are_those_of_the_last_token_of_the_whole_network()
    {
        using var model = Model();
        using var whole = OnnxSession.Create(model);
        using var transformer = new BertNextTokenTransformer(_context, Model(), new() { TopK = _tokenizer.VocabularySize });
        // A text that is too long is cut at its beginning; an empty one begins with the end of the text before it.
        var texts = _texts.Append("").ToArray();
        var rows = _context.Data.CreateEnumerable<Prediction>(transformer.Transform(Texts(texts)), reuseRowObject: false).ToArray();
        Assert.HasCount(texts.Length, rows);
        for (var i = 0; i < texts.Length; i++)
        {
            var all = _tokenizer.Encode(texts[i].Length == 0 ? "<|endoftext|>" : texts[i]).Ids;
            var ids = all[^Math.Min(Longest, all.Length)..];
            var (tokens, batch, outputs) = (new TokenizedTexts(), new TokenBatch(), new ModelOutputs());
            tokens.Add([.. ids], ids.Length, truncated: false);
            batch.Fill(tokens, [0], 0);
            whole.Run(batch, outputs);
            var logits = outputs["logits"][^_tokenizer.VocabularySize..].ToArray();
            var sum = logits.Sum(logit => Math.Exp(logit));
            var expected = logits
                .Select((logit, id) => (Token: _tokenizer.Vocabulary[id], Score: Math.Exp(logit) / sum))
                .ToDictionary(p => p.Token, p => p.Score);
            Assert.HasCount(_tokenizer.VocabularySize, rows[i].PredictedTokens);
            CollectionAssert.AreEqual(rows[i].Score.OrderDescending().ToArray(), rows[i].Score);
            foreach (var (token, score) in rows[i].PredictedTokens.Zip(rows[i].Score))
                Assert.AreEqual(expected[token], score, 1e-5, $"'{texts[i]}': {token}");
        }
        Assert.AreEqual(texts.Count(text => _tokenizer.Encode(text).Ids.Length > Longest), transformer.TruncatedTextCount);
        Assert.IsGreaterThan(0, transformer.TruncatedTextCount);
    }

    [TestMethod]
    public void Models_of_other_heads_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        using (var model = SmallClassifier.Model())
            model.Save(folder.Path);
        var e = Assert.ThrowsExactly<InvalidDataException>(() => _context.Transforms.Text.ApplyBertNextToken(folder.Path).Fit(Texts("x")));
        Assert.Contains("no causal language modelling head", e.Message);
        var classifier = Assert.ThrowsExactly<ArgumentException>(() => new BertNextTokenTransformer(_context, SmallClassifier.Model(), new()));
        Assert.Contains("SequenceClassification, not for CausalLM", classifier.Message);
        var causal = Assert.ThrowsExactly<ArgumentException>(() => new BertFillMaskTransformer(_context, Model(), new()));
        Assert.Contains("CausalLM, not for MaskedLM", causal.Message);
    }

    private static PretrainedModel Model() =>
        PretrainedModel.Create(
            new Gpt2Config
            {
                VocabSize = _tokenizer.VocabularySize,
                HiddenSize = 16,
                NumHiddenLayers = 2,
                NumAttentionHeads = 2,
                MaxPositionEmbeddings = Longest,
                InitializerRange = 0.5,
            },
            Head.CausalLM,
            _tokenizer,
            seed: 3
        );

    private IDataView Texts(params string[] texts) => _context.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }));

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }

    private sealed class Prediction
    {
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];
    }
}
