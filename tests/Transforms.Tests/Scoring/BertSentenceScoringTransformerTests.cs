using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class BertSentenceScoringTransformerTests
{
    private readonly MLContext _context = new();

    private List<SentenceScores> Score(ITransformer transformer, IEnumerable<string> texts) =>
        [.. _context.Data.CreateEnumerable<SentenceScores>(transformer.Transform(Data(texts)), reuseRowObject: false)];

    private IDataView Data(IEnumerable<string> texts) => _context.Data.LoadFromEnumerable(texts.Select(text => new Example { Text = text }));

    private static string Save(TemporaryFolder folder, Head head)
    {
        ModelConfig config =
            head == Head.CausalLM
                ? new Gpt2Config
                {
                    VocabSize = SmallClassifier.Tokenizer.VocabularySize,
                    HiddenSize = 16,
                    NumHiddenLayers = 2,
                    NumAttentionHeads = 2,
                    MaxPositionEmbeddings = 40,
                    InitializerRange = 0.5,
                }
                : SmallClassifier.Config;
        using var model = PretrainedModel.Create(config, head, SmallClassifier.Tokenizer, 2);
        model.Save(folder["model"]);
        return folder["model"];
    }

    [TestMethod]
    [DataRow("pseudo_log_likelihood")]
    [DataRow("causal")]
    public void Scores_are_those_of_Hugging_Face(string kind)
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("golden", "pipelines", "sentence_scores.json")));
        var rows = cases.RootElement.EnumerateArray().Where(row => row.GetProperty("kind").GetString() == kind).ToList();
        Assert.IsGreaterThan(3, rows.Count);
        var folder = Golden.Path("golden", "models", rows[0].GetProperty("model").GetString()!);
        // The reference scored the text's tokens alone, with a tokenizer that would add <s> and </s>.
        var options = new BertSentenceScoringOptions { AddSpecialTokens = kind != "causal" };
        var texts = rows.ConvertAll(row => row.GetProperty("text").GetString()!);
        using var transformer = _context.Transforms.Text.ApplyBertSentenceScoring(folder, options).Fit(Data(texts));
        Assert.AreEqual(kind == "causal", transformer.IsCausal);
        foreach (var (row, scores) in rows.Zip(Score(transformer, texts)))
        {
            var expected = row.GetProperty("by_token").EnumerateArray().Select(value => value.GetDouble()).ToList();
            Assert.HasCount(expected.Count, scores.TokenScores);
            for (var i = 0; i < expected.Count; i++)
                Assert.AreEqual(expected[i], scores.TokenScores[i], 1e-4);
            if (kind == "causal")
                Assert.AreEqual(row.GetProperty("loss").GetDouble(), scores.Loss, 1e-4);
            else
                Assert.AreEqual(row.GetProperty("total").GetDouble(), scores.Score, 1e-4 * expected.Count);
        }
    }

    [TestMethod]
    public void A_pseudo_log_likelihood_is_the_sum_of_what_fill_mask_says_of_each_token()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Save(folder, Head.MaskedLM);
        string[] texts = ["the cat sat", "dog [MASK] ran .", ""];
        using var scoring = _context.Transforms.Text.ApplyBertSentenceScoring(checkpoint).Fit(Data(texts));
        var scored = Score(scoring, texts);
        foreach (var (text, scores) in texts.Zip(scored))
        {
            var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            CollectionAssert.AreEqual(words, scores.Tokens);
            for (var i = 0; i < words.Length; i++)
            {
                var masked = string.Join(' ', words.Select((word, j) => i == j ? "[MASK]" : word));
                var options = new BertFillMaskOptions { Candidates = [words[i]] };
                using var fill = _context.Transforms.Text.ApplyBertFillMask(checkpoint, options).Fit(Data(texts));
                var predictions = _context.Data.CreateEnumerable<SentencePrediction>(fill.Transform(Data([masked])), reuseRowObject: false).Single();
                var place = words.Take(i).Count(word => word == "[MASK]");
                Assert.AreEqual(Math.Log(predictions.Score[place]), scores.TokenScores[i], 1e-4, $"{text}: {words[i]}");
            }
            Assert.AreEqual(scores.TokenScores.Sum(), scores.Score, 1e-4);
            Assert.AreEqual(-scores.Score / words.Length, scores.Loss, 1e-4);
        }
        Assert.AreEqual(0, scored[2].Score);
        Assert.IsTrue(float.IsNaN(scored[2].Loss));
    }

    [TestMethod]
    public void A_causal_score_of_a_text_goes_on_from_that_of_its_beginning()
    {
        using var folder = new TemporaryFolder();
        string[] texts = ["the cat", "the cat sat", "the cat sat ."];
        using var scoring = _context.Transforms.Text.ApplyBertSentenceScoring(Save(folder, Head.CausalLM)).Fit(Data(texts));
        var scored = Score(scoring, texts);
        // [CLS], which is not predicted, and the [SEP] at the end.
        for (var i = 0; i < scored.Count; i++)
            Assert.HasCount(3 + i, scored[i].TokenScores);
        for (var i = 0; i < 3; i++)
            Assert.AreEqual(scored[1].TokenScores[i], scored[2].TokenScores[i], 1e-5);
        CollectionAssert.AreEqual(new[] { "the", "cat", "[SEP]" }, scored[0].Tokens);
    }

    [TestMethod]
    [DataRow("MaskedLM")]
    [DataRow("CausalLM")]
    public void With_a_prompt_only_the_text_after_it_is_scored(string head)
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Save(folder, Head.All.Single(h => h.Name == head));
        using var whole = _context.Transforms.Text.ApplyBertSentenceScoring(checkpoint).Fit(Data([""]));
        var expected = Score(whole, ["the cat sat ."]).Single();
        Continuation[] rows =
        [
            new() { Before = "the cat", Text = " sat ." },
            new() { Before = "the cat ", Text = "sat ." },
            new() { Before = "", Text = "the cat sat ." },
            new() { Before = "the cat sat .", Text = "" },
        ];
        var data = _context.Data.LoadFromEnumerable(rows);
        var estimator = _context.Transforms.Text.ApplyBertSentenceScoring(checkpoint, new() { PromptColumnName = "Before" });
        using var model = estimator.Fit(data);
        var scored = _context.Data.CreateEnumerable<SentenceScores>(model.Transform(data), reuseRowObject: false).ToList();
        var last = expected.TokenScores.Length;
        // The end of a text, [SEP], is predicted by a causal model.
        var parts = head == "CausalLM" ? new[] { 3, 3, last, 0 } : [2, 2, last, 0];
        for (var row = 0; row < rows.Length; row++)
        {
            Assert.HasCount(parts[row], scored[row].TokenScores, $"row {row}");
            CollectionAssert.AreEqual(expected.Tokens[^parts[row]..], scored[row].Tokens);
            for (var i = 1; i <= parts[row]; i++)
                Assert.AreEqual(expected.TokenScores[^i], scored[row].TokenScores[^i], 1e-5, $"row {row}, token -{i}");
        }
        Assert.IsTrue(float.IsNaN(scored[3].Loss));
        ComponentContract.Check(_context, estimator, data, tolerance: 1e-4);
        var unknown = _context.Transforms.Text.ApplyBertSentenceScoring(checkpoint, new() { PromptColumnName = "Prompt" });
        ComponentContract.Refuses(unknown, data, "Could not find input column 'Prompt'");
    }

    [TestMethod]
    public void Of_a_long_prompt_the_beginning_is_cut_off()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Save(folder, Head.CausalLM);
        var data = _context.Data.LoadFromEnumerable<Continuation>([new() { Before = string.Join(' ', Enumerable.Repeat("dog", 60)), Text = " sat ." }]);
        using var model = _context.Transforms.Text.ApplyBertSentenceScoring(checkpoint, new() { PromptColumnName = "Before" }).Fit(data);
        var scored = _context.Data.CreateEnumerable<SentenceScores>(model.Transform(data), reuseRowObject: false).Single();
        CollectionAssert.AreEqual(new[] { "sat", ".", "[SEP]" }, scored.Tokens);
        Assert.AreEqual(1, model.TruncatedTextCount);
    }

    [TestMethod]
    [DataRow("MaskedLM")]
    [DataRow("CausalLM")]
    [DataRow("PreTraining")]
    public void Keeps_the_contract_of_components(string head)
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Save(folder, Head.All.Single(h => h.Name == head));
        var data = _context.Data.LoadFromEnumerable(SmallClassifier.Examples(20).ToList());
        ComponentContract.Check(_context, _context.Transforms.Text.ApplyBertSentenceScoring(checkpoint), data, tolerance: 1e-4);
        var few = new BertSentenceScoringOptions
        {
            LossColumnName = null,
            TokensColumnName = null,
            TokenScoresColumnName = null,
            MaximumLength = 8,
        };
        ComponentContract.Check(_context, _context.Transforms.Text.ApplyBertSentenceScoring(checkpoint, few), data, tolerance: 1e-4);
        ComponentContract.Refuses(
            _context.Transforms.Text.ApplyBertSentenceScoring(checkpoint, new() { TextColumnName = "Id" }),
            data,
            "Schema mismatch for input column 'Id': expected String, got Int32"
        );
    }

    [TestMethod]
    public void What_is_no_language_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        SmallClassifier.Model().Save(folder["model"]);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => _context.Transforms.Text.ApplyBertSentenceScoring(folder["model"]).Fit(Data(["a"])));
        StringAssert.Contains(
            error.Message,
            "has no masked language modelling head; it is one for one of several labels of a text (3 labels).",
            StringComparison.Ordinal
        );
        Assert.ThrowsExactly<ArgumentException>(() => _context.Transforms.Text.ApplyBertSentenceScoring(folder["model"], new() { LossColumnName = "Score" }));
    }
}

internal sealed class Continuation
{
    public string Before { get; set; } = "";
    public string Text { get; set; } = "";
}

internal sealed class SentenceScores
{
    public float Score { get; set; }
    public float Loss { get; set; }

    [Microsoft.ML.Data.VectorType]
    public float[] TokenScores { get; set; } = [];

    [Microsoft.ML.Data.VectorType]
    public string[] Tokens { get; set; } = [];
}

internal sealed class SentencePrediction
{
    [Microsoft.ML.Data.VectorType]
    public float[] Score { get; set; } = [];
}
