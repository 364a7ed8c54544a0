using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Compatibility;

/// <summary>A saved ML.NET model of every transformer, tiny, in a folder: TYPE.zip, and TYPE.json, the rows that it gives of <see cref="Rows"/>.</summary>
internal sealed class SavedTransformers(string folder)
{
    // Other processors round otherwise.
    private const double Tolerance = 1e-3;
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };
    private static readonly string[] _words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"];
    private readonly MLContext _context = new(seed: 1);

    /// <summary>The columns that transformers read.</summary>
    private sealed class Row
    {
        public string Text { get; set; } = "";
        public string Pair { get; set; } = "";
        public string[] Words { get; set; } = [];
    }

    private IDataView Rows =>
        _context.Data.LoadFromEnumerable(
            new Row[]
            {
                new()
                {
                    Text = "the quick [MASK] jumps",
                    Pair = "a lazy dog jumps over the brown fox",
                    Words = ["the", "quick", "fox"],
                },
                new()
                {
                    Text = "over the dog",
                    Pair = "the quick fox",
                    Words = ["lazy", "dog"],
                },
            }
        );

    /// <summary>The types that have a saved model here.</summary>
    public IReadOnlyList<string> Types =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.zip").Select(file => Path.GetFileNameWithoutExtension(file))] : [];

    /// <summary>The rows that a saved model gives are those that were written with it.</summary>
    public void Check(string type)
    {
        var expected = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(folder, type + ".json")))!;
        var model = _context.Model.Load(Path.Combine(folder, type + ".zip"), out _);
        Assert.AreEqual(type, Last(model).GetType().Name);
        ComponentContract.Same(expected, ComponentContract.Rows(model.Transform(Rows)), Tolerance, type);
        (model as IDisposable)?.Dispose();
    }

    /// <summary>Writes the models of the version that runs.</summary>
    public void Write()
    {
        Directory.CreateDirectory(folder);
        var tokenizer = WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. _words]);
        var shape = new BertConfig
        {
            VocabSize = tokenizer.VocabularySize,
            HiddenSize = 8,
            NumHiddenLayers = 1,
            NumAttentionHeads = 2,
            IntermediateSize = 8,
            MaxPositionEmbeddings = 24,
            InitializerRange = 0.5,
        };
        var causal = new Gpt2Config
        {
            VocabSize = tokenizer.VocabularySize,
            HiddenSize = 8,
            NumHiddenLayers = 1,
            NumAttentionHeads = 2,
            MaxPositionEmbeddings = 24,
            InitializerRange = 0.5,
        };
        using var checkpoints = new TemporaryFolder();
        string Model(Head head, ModelConfig config)
        {
            var path = checkpoints[Guid.NewGuid().ToString("N")];
            using var model = PretrainedModel.Create(config, head, tokenizer, seed: 3);
            model.Save(path);
            return path;
        }
        string Classifier(ProblemType problem, params string[] labels) =>
            Model(Head.SequenceClassification, shape with { Labels = labels, ProblemType = problem });

        var text = _context.Transforms.Text;
        var labelled = Classifier(ProblemType.SingleLabelClassification, "animals", "sport", "rest");
        Save(text.ApplyBertClassification(labelled, pairColumnName: "Pair"));
        Save(text.ApplyBertBinaryClassification(Classifier(ProblemType.SingleLabelClassification, "no", "yes"), positiveLabel: "yes"));
        Save(text.ApplyBertMultiLabelClassification(Classifier(ProblemType.MultiLabelClassification, "a", "b", "c"), thresholds: [0.3f, 0.5f, 0.7f]));
        Save(text.ApplyBertRegression(Classifier(ProblemType.Regression, "LABEL_0")));
        Save(text.ApplyBertMultipleChoice(Model(Head.MultipleChoice, shape), ["Text", "Pair"], contextColumnName: null));
        Save(
            text.ApplyBertTokenClassification(Model(Head.TokenClassification, shape with { Labels = ["O", "B-X", "I-X"] }), new() { TextColumnName = "Words" })
        );
        Save(
            text.ApplyBertQuestionAnswering(
                Model(Head.QuestionAnswering, shape),
                new()
                {
                    ContextColumnName = "Pair",
                    QuestionColumnName = "Text",
                    TopK = 2,
                }
            )
        );
        Save(text.ApplyBertFillMask(Model(Head.MaskedLM, shape), new() { TopK = 2 }));
        Save(text.ApplyBertNextToken(Model(Head.CausalLM, causal), new() { TopK = 2 }));
        Save(text.ApplyBertSentenceScoring(Model(Head.CausalLM, causal), new() { PromptColumnName = "Pair" }));
        Save(text.ApplyBertEmbeddings(Model(Head.Base, shape), new() { Pooling = EmbeddingPooling.Mean, Normalize = true }));
        Save(text.ApplyBertAttentions(Model(Head.Base, shape), new() { HiddenStatesColumnName = "HiddenStates", Heads = [1] }));
        Save(text.ApplyBertOcclusion(labelled, new() { Label = "sport" }));
        Save(text.TokenizeIntoSubwords(tokenizer, new() { InputColumnName = "Text" }));
        Save(text.TokenizeIntoSubwords(tokenizer, new() { InputColumnName = "Text" }).Append(text.MaskTokens(tokenizer, seed: 5)));
    }

    private void Save(IEstimator<ITransformer> estimator)
    {
        var model = estimator.Fit(Rows);
        var path = Path.Combine(folder, Last(model).GetType().Name);
        _context.Model.Save(model, Rows.Schema, path + ".zip");
        File.WriteAllText(path + ".json", JsonSerializer.Serialize(ComponentContract.Rows(model.Transform(Rows)), _json) + "\n");
        (model as IDisposable)?.Dispose();
    }

    private static ITransformer Last(ITransformer model) => model is IEnumerable<ITransformer> chain ? Last(chain.Last()) : model;
}
