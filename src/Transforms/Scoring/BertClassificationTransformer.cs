using System.Numerics.Tensors;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertClassificationTransformer),
    typeof(BertClassificationLoader),
    null,
    typeof(SignatureLoadModel),
    BertClassificationTransformer.LoaderName,
    BertClassificationTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Classifies texts, or pairs of texts, by a BERT: PredictedLabel (a key) and Score (a probability for each label, by softmax, in the order of the keys).
/// A saved model has configuration, weights and tokenizer in it.
/// </summary>
public sealed class BertClassificationTransformer : TextHeadTransformer
{
    internal const string LoaderName = "BertClassification";

    // Main stream: text column, optional pair column, predicted label and score columns, int maximum length, bool "labels follow", labels as KeyValues writes them.
    // The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTCLASS", 0x00010002, 0x00010002, LoaderName);

    private readonly ClassificationColumns _columns;
    private readonly KeyValues? _labels;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A classifier of single labels with its tokenizer.</param>
    /// <param name="columns">Input and output columns.</param>
    /// <param name="labels">What the keys stand for, one for each of the model's labels; null: nothing.</param>
    /// <param name="maximumLength">Tokens of a row at most; null: as many as the model takes.</param>
    internal BertClassificationTransformer(
        IHostEnvironment environment,
        PretrainedModel model,
        ClassificationColumns columns,
        KeyValues? labels,
        int? maximumLength
    )
        : base(environment, nameof(BertClassificationTransformer), Checked(model, labels), columns.Texts, maximumLength)
    {
        (_columns, _labels) = (columns, labels);
        Labels = labels?.Names ?? model.Config.Labels;
    }

    private static PretrainedModel Checked(PretrainedModel model, KeyValues? labels)
    {
        Checked(model, ProblemType.SingleLabelClassification);
        if (labels is not null && labels.Names.Count != model.Config.Labels.Count)
            throw new ArgumentException($"There are {labels.Names.Count} label values, but the model has {model.Config.Labels.Count} labels.", nameof(labels));
        return model;
    }

    internal static BertClassificationTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var columns = new ClassificationColumns(TextColumns.Read(reader), reader.Main.ReadString(), reader.Main.ReadString());
        var maximumLength = reader.Main.ReadInt32();
        return SavedPretrainedModel.Read(
            reader,
            model => new BertClassificationTransformer(
                environment,
                model,
                columns,
                reader.Main.ReadBoolean() ? KeyValues.Read(reader, model.Config.Labels.Count) : null,
                maximumLength
            )
        );
    }

    /// <summary>Names of the labels, in the order of the keys and of Score's elements.</summary>
    public IReadOnlyList<string> Labels { get; }

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            Texts.Write(writer);
            writer.Main.Write(_columns.PredictedLabel);
            writer.Main.Write(_columns.Score);
            writer.Main.Write(MaximumLength);
            writer.Main.Write(_labels is not null);
            _labels?.Write(writer.Main);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override DataViewSchema.DetachedColumn[] Outputs(DataViewSchema inputSchema) => _columns.Outputs(Labels, _labels, inputSchema);

    private protected override void Score(ReadOnlySpan<float> logits, Span<float> scores) => Softmax(logits, scores);

    private protected override Delegate CreateGetter(int output, RowScores scores) =>
        output == 0
            ? (ValueGetter<uint>)((ref uint value) => value = (uint)TensorPrimitives.IndexOfMax(scores.Current) + 1) // keys start at 1
            : scores.Vector();
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertClassificationLoader
{
    internal static BertClassificationTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertClassificationTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertClassificationTransformer.Format));
}
