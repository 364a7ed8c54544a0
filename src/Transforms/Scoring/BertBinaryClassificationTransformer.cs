using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Files;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertBinaryClassificationTransformer),
    typeof(BertBinaryClassificationLoader),
    null,
    typeof(SignatureLoadModel),
    BertBinaryClassificationTransformer.LoaderName,
    BertBinaryClassificationTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Tells two classes of texts, or of pairs of texts, apart by a BERT: PredictedLabel (a Boolean), Score (the log-odds of true) and Probability (of true), as
/// <c>mlContext.BinaryClassification.Evaluate</c> takes them. A saved model has configuration, weights and tokenizer in it.
/// </summary>
public sealed class BertBinaryClassificationTransformer : TextHeadTransformer
{
    internal const string LoaderName = "BertBinaryClassification";

    // Main stream: text column, optional pair column, int maximum length, predicted label, score and probability columns, int positive label.
    // The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTBINCL", 0x00010001, 0x00010001, LoaderName);

    private readonly BinaryColumns _columns;
    private readonly int _positive;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A classifier of two labels with its tokenizer.</param>
    /// <param name="columns">Input and output columns.</param>
    /// <param name="positive">Which of the two labels is true, from 0.</param>
    /// <param name="maximumLength">Tokens of a row at most; null: as many as the model takes.</param>
    internal BertBinaryClassificationTransformer(IHostEnvironment environment, PretrainedModel model, BinaryColumns columns, int positive, int? maximumLength)
        : base(environment, nameof(BertBinaryClassificationTransformer), Checked(model), columns.Texts, maximumLength)
    {
        if (positive is not (0 or 1))
            throw new ArgumentOutOfRangeException(nameof(positive), positive, "One of two labels is the positive one.");
        (_columns, _positive, Labels) = (columns, positive, model.Config.Labels);
    }

    private static PretrainedModel Checked(PretrainedModel model) =>
        Checked(model, ProblemType.SingleLabelClassification).Config.Labels.Count == 2
            ? model
            : throw new ArgumentException(
                $"Two labels are needed, of which one is true; the model has {model.Config.Labels.Count}: {Excerpt.Of(model.Config.Labels)}.",
                nameof(model)
            );

    /// <summary>The place of a label; null: the second, as is usual.</summary>
    /// <exception cref="ArgumentException">There is no such label.</exception>
    internal static int IndexOf(IReadOnlyList<string> labels, string? label)
    {
        if (label is null)
            return 1;
        var index = labels.ToList().IndexOf(label);
        return index >= 0
            ? index
            : throw new ArgumentException($"There is no label '{Excerpt.Of(label)}'; the model has {Excerpt.Of(labels)}.", "positiveLabel");
    }

    internal static BertBinaryClassificationTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var (texts, maximumLength) = (TextColumns.Read(reader), reader.Main.ReadInt32());
        var columns = new BinaryColumns(texts, reader.Main.ReadString(), reader.Main.ReadString(), reader.Main.ReadString());
        var positive = reader.Count("the positive label", 0, 1);
        return SavedPretrainedModel.Read(reader, model => new BertBinaryClassificationTransformer(environment, model, columns, positive, maximumLength));
    }

    /// <summary>Names of the two labels, as config.json has them.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The label that is true.</summary>
    public string PositiveLabel => Labels[_positive];

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer) =>
        Save(
            writer,
            main =>
            {
                main.Write(_columns.PredictedLabel);
                main.Write(_columns.Score);
                main.Write(_columns.Probability);
                main.Write(_positive);
            }
        );

    private protected override DataViewSchema.DetachedColumn[] Outputs(DataViewSchema inputSchema) => _columns.Outputs(inputSchema);

    // What softmax makes of two logits is the sigmoid of their difference.
    private protected override void Score(ReadOnlySpan<float> logits, Span<float> scores)
    {
        scores[0] = logits[_positive] - logits[1 - _positive];
        scores[1] = Sigmoid(scores[0]);
    }

    private protected override Delegate CreateGetter(int output, RowScores scores) =>
        output switch
        {
            0 => (ValueGetter<bool>)((ref bool value) => value = scores.Current[0] > 0),
            1 => (ValueGetter<float>)((ref float value) => value = scores.Current[0]),
            _ => (ValueGetter<float>)((ref float value) => value = scores.Current[1]),
        };
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertBinaryClassificationLoader
{
    internal static BertBinaryClassificationTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertBinaryClassificationTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertBinaryClassificationTransformer.Format));
}
