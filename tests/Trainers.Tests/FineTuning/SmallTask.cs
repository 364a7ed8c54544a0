using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace BertMl.FineTuning;

/// <summary>A text with a label.</summary>
internal sealed class LabeledText
{
    public string? Label { get; set; }
    public string? Text { get; set; }
    public string? Pair { get; set; }
}

/// <summary>What a classifier answers.</summary>
internal sealed class Prediction
{
    public string PredictedLabel { get; set; } = "";
    public float[] Score { get; set; } = [];
}

/// <summary>A task that a small BERT learns in seconds: a telling word among others says what the text is about.</summary>
internal static class SmallTask
{
    private static readonly string[] _fillers = ["the", "a", "of", "is", "very", "there", "and", "some", "one", "time"];
    private static readonly string[][] _telling =
    [
        ["cat", "dog", "horse"],
        ["bread", "soup", "cheese"],
        ["car", "train", "ship"],
    ];
    public static readonly string[] Labels = ["animal", "food", "vehicle"];

    public static PretrainedTokenizer Tokenizer { get; } =
        WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. _fillers, .. _telling.SelectMany(w => w)]);

    public static BertConfig Config { get; } =
        new()
        {
            VocabSize = Tokenizer.VocabularySize,
            HiddenSize = 32,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 64,
            MaxPositionEmbeddings = 40,
            InitializerRange = 0.1,
        };

    public static PretrainedModel Model(int seed = 1) => PretrainedModel.Create(Config, Head.MaskedLM, Tokenizer, seed);

    /// <summary>Rows of the task.</summary>
    public static List<LabeledText> Rows(int count, ulong seed = 1, int classes = 3)
    {
        var random = new CounterRandom(seed);
        var rows = new List<LabeledText>(count);
        for (var i = 0; i < count; i++)
        {
            var label = random.Below(classes);
            rows.Add(new() { Label = Labels[label], Text = Text(ref random, label) });
        }
        return rows;
    }

    /// <summary>Pairs whose second text alone tells the class.</summary>
    public static List<LabeledText> Pairs(int count, ulong seed = 1)
    {
        var rows = Rows(count, seed);
        foreach (var row in rows)
            (row.Text, row.Pair) = ("there is the time", row.Text);
        return rows;
    }

    public static BertClassificationTrainer.Options Options(Action<BertClassificationTrainer.Options>? change = null)
    {
        var options = new BertClassificationTrainer.Options
        {
            Model = Model(),
            NumberOfEpochs = 4,
            BatchSize = 16,
            LearningRate = 2e-3,
            MaximumLength = 32,
        };
        change?.Invoke(options);
        return options;
    }

    /// <summary>The trainer between MapValueToKey and MapKeyToValue.</summary>
    public static EstimatorChain<KeyToValueMappingTransformer> Pipeline(MLContext ml, BertClassificationTrainer.Options options) =>
        ml
            .Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.MulticlassClassification.Trainers.BertClassification(options))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    /// <summary>The BERT in a fitted <see cref="Pipeline"/>.</summary>
    public static BertClassificationTransformer Bert(TransformerChain<KeyToValueMappingTransformer> model) =>
        model.OfType<BertClassificationTransformer>().Single();

    private static string Text(ref CounterRandom random, int label)
    {
        var words = new string[3 + random.Below(8)];
        foreach (ref var word in words.AsSpan())
            word = _fillers[random.Below(_fillers.Length)];
        words[random.Below(words.Length)] = _telling[label][random.Below(3)];
        return string.Join(' ', words);
    }
}
