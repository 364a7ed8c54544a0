using System.Numerics.Tensors;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Metrics;
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

    // Main stream: text column, optional pair column, predicted label and score columns, int maximum length, bool "labels follow", labels as KeyValues writes
    // them;
    // since version 3 the temperature, a double. The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTCLASS", 0x00010003, 0x00010002, LoaderName);

    private readonly ClassificationColumns _columns;
    private readonly KeyValues? _labels;
    private double _temperature = 1;

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
            {
                Temperature = reader.IsAtEnd ? 1 : SavedTemperature(reader.Main.ReadDouble()),
            }
        );
    }

    private static double SavedTemperature(double value) =>
        value is >= TemperatureScaling.Lowest and <= TemperatureScaling.Highest
            ? value
            : throw new FormatException(
                $"The saved model has the temperature {value}; it must be from {TemperatureScaling.Lowest} to {TemperatureScaling.Highest}."
            );

    /// <summary>Names of the labels, in the order of the keys and of Score's elements.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>
    /// What logits are divided by before the softmax (Guo et al. 2017): 1 unless <see cref="Calibrate"/>, or the trainer, has found another. It is saved with
    /// the model, and by <see cref="BertTransformer.SavePretrained"/> as a field of config.json that ApplyBertClassification reads (bertml_temperature);
    /// <see cref="BertTransformer.SaveOnnx"/> gives logits and does not have it.
    /// </summary>
    public double Temperature
    {
        get => Volatile.Read(ref _temperature);
        internal set => Volatile.Write(ref _temperature, value);
    }

    /// <summary>
    /// Finds the temperature by which the confidence matches best how often the classifier is right, and scores by it from then on. Predicted labels do not
    /// change.
    /// </summary>
    /// <param name="validation">Rows that the classifier has not learned from.</param>
    /// <param name="labelColumnName">Their labels: a key of the values that the model's labels have, or text.</param>
    /// <returns>The temperature: above 1 where the classifier was too sure of itself.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">No row has a label, or a label is none of the model's; the row is named.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public double Calibrate(IDataView validation, string labelColumnName = "Label")
    {
        ArgumentNullException.ThrowIfNull(validation);
        var (logits, labels) = CalibrationRows.Read(this, validation, labelColumnName, _columns.Score);
        return Temperature = TemperatureScaling.Fit(logits, labels);
    }

    private protected override IEnumerable<(string Name, object Value)> SavedFields => Temperature == 1 ? [] : [(ScoringFields.TemperatureName, Temperature)];

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
            writer.Main.Write(Temperature);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override DataViewSchema.DetachedColumn[] Outputs(DataViewSchema inputSchema) => _columns.Outputs(Labels, _labels, inputSchema);

    private protected override void Score(ReadOnlySpan<float> logits, Span<float> scores)
    {
        var temperature = Temperature;
        if (temperature == 1)
            Softmax(logits, scores);
        else
        {
            TensorPrimitives.Divide(logits, (float)temperature, scores);
            Softmax(scores, scores);
        }
    }

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
