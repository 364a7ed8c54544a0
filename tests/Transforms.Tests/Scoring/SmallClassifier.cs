using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

/// <summary>A BERT of random weights that classifies texts of letters, and data for it.</summary>
internal static class SmallClassifier
{
    public static PretrainedTokenizer Tokenizer { get; } =
        WordPieceTokenizer.Create([
            "[PAD]",
            "[UNK]",
            "[CLS]",
            "[SEP]",
            "[MASK]",
            "the",
            "cat",
            "dog",
            "sat",
            "ran",
            "##ning",
            "##ing",
            ".",
            ",",
            .. "abcdefghijklmnopqrstuvwxyz0123456789".Select(letter => letter.ToString()),
            .. "abcdefghijklmnopqrstuvwxyz0123456789".Select(letter => "##" + letter),
        ]);

    public static BertConfig Config { get; } =
        new()
        {
            VocabSize = Tokenizer.VocabularySize,
            HiddenSize = 16,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 32,
            MaxPositionEmbeddings = 40,
            InitializerRange = 0.5, // so that texts get different labels
            Labels = ["animals", "finance", "sport"],
        };

    public static PretrainedModel Model(int seed = 1) => PretrainedModel.Create(Config, Head.SequenceClassification, Tokenizer, seed);

    public static BertClassificationTransformer Transformer(MLContext context, KeyValues? labels = null, bool pair = false, int? maximumLength = null) =>
        new(context, Model(), new(new("Text", pair ? "Pair" : null), "PredictedLabel", "Score"), labels ?? KeyValues.Of(Config.Labels), maximumLength);

    /// <summary>Texts of one to twelve words.</summary>
    public static IEnumerable<Example> Examples(int count)
    {
        string[] words = ["the", "cat", "dogs", "sat", "running", "on", "7", "mats", ",", "zebra"];
        var random = new Random(5);
        return Enumerable
            .Range(0, count)
            .Select(i => new Example
            {
                Id = i,
                Text = string.Join(' ', random.GetItems(words, random.Next(1, 13))),
                Pair = string.Join(' ', random.GetItems(words, random.Next(0, 5))),
                Category = Config.Labels[i % 3],
            });
    }
}

internal sealed class Example
{
    public int Id { get; set; }
    public string? Text { get; set; }
    public string Pair { get; set; } = "";
    public string Category { get; set; } = "";
}

internal sealed class Prediction
{
    public uint PredictedLabel { get; set; }

    [Microsoft.ML.Data.VectorType]
    public float[] Score { get; set; } = [];
}
