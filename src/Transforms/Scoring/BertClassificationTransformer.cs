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
public sealed class BertClassificationTransformer : BertTransformer
{
    internal const string LoaderName = "BertClassification";

    // Main stream: text column, optional pair column, predicted label and score columns, int maximum length, bool "labels follow", labels as KeyValues writes them.
    // The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTCLASS", 0x00010002, 0x00010002, LoaderName);

    private const int LookAhead = 1024;

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
        : base(environment, nameof(BertClassificationTransformer), Checked(model, labels), maximumLength, columns.Pair is null ? 2 : 3, nameof(maximumLength))
    {
        (_columns, _labels) = (columns, labels);
        Labels = labels?.Names ?? model.Config.Labels;
    }

    private static PretrainedModel Checked(PretrainedModel model, KeyValues? labels)
    {
        if (model.Head != Head.SequenceClassification)
            throw new ArgumentException($"The model is one for {model.Head}, not for {Head.SequenceClassification}.", nameof(model));
        if (model.Config.Labels.Count < 2 || model.Config.ProblemType is not (null or ProblemType.SingleLabelClassification))
            throw new ArgumentException(
                $"The model does not choose one of several labels: it has {model.Config.Labels.Count} and is for {model.Config.ProblemType}.",
                nameof(model)
            );
        if (labels is not null && labels.Names.Count != model.Config.Labels.Count)
            throw new ArgumentException($"There are {labels.Names.Count} label values, but the model has {model.Config.Labels.Count} labels.", nameof(labels));
        return model;
    }

    internal static BertClassificationTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var columns = new ClassificationColumns(reader.Main.ReadString(), reader.Optional(), reader.Main.ReadString(), reader.Main.ReadString());
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
            writer.Main.Write(_columns.Text);
            writer.Optional(_columns.Pair);
            writer.Main.Write(_columns.PredictedLabel);
            writer.Main.Write(_columns.Score);
            writer.Main.Write(MaximumLength);
            writer.Main.Write(_labels is not null);
            _labels?.Write(writer.Main);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var text = Schemas.Text(inputSchema, _columns.Text);
        DataViewSchema.Column? pair = _columns.Pair is { } name ? Schemas.Text(inputSchema, name) : null;
        return new Binding(this, inputSchema, text, pair);
    }

    private sealed class Binding(BertClassificationTransformer transformer, DataViewSchema input, DataViewSchema.Column text, DataViewSchema.Column? pair)
        : RowBinding(input, pair is { } second ? [text, second] : [text], transformer._columns.Outputs(transformer.Labels, transformer._labels, input))
    {
        public override int BatchSize => LookAhead;

        public override bool OneCursor => true;

        public override RowScorer CreateScorer(DataViewRow row, int capacity) =>
            new Scorer(
                transformer,
                row.GetGetter<ReadOnlyMemory<char>>(text),
                pair is { } second ? row.GetGetter<ReadOnlyMemory<char>>(second) : null,
                capacity
            );
    }

    private sealed class Scorer(
        BertClassificationTransformer transformer,
        ValueGetter<ReadOnlyMemory<char>> getText,
        ValueGetter<ReadOnlyMemory<char>>? getPair,
        int capacity
    ) : RowScorer
    {
        private readonly TextBatchRunner _runner = new(
            transformer.Model,
            transformer.Host,
            transformer.Truncation,
            transformer.MaximumLength,
            getPair is not null
        );
        private readonly ReadOnlyMemory<char>[] _texts = new ReadOnlyMemory<char>[capacity];
        private readonly ReadOnlyMemory<char>[] _pairs = new ReadOnlyMemory<char>[getPair is null ? 0 : capacity];
        private readonly float[] _scores = new float[capacity * transformer.Labels.Count];
        private readonly int _labels = transformer.Labels.Count;

        public override void Read(int slot)
        {
            getText(ref _texts[slot]);
            getPair?.Invoke(ref _pairs[slot]);
        }

        public override void Compute(int count) => _runner.Run(new(_texts, 0, count), new(_pairs, 0, Math.Min(count, _pairs.Length)), Receive);

        private void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
        {
            var logits = outputs["logits"];
            for (var i = 0; i < rows.Length; i++)
                Softmax(logits.Slice(i * _labels, _labels), Score(rows[i]));
        }

        public override Delegate CreateGetter(int output, Slot slot) =>
            output == 0
                ? (ValueGetter<uint>)((ref uint value) => value = (uint)TensorPrimitives.IndexOfMax(Score(slot.Index)) + 1) // keys start at 1
                : (ValueGetter<VBuffer<float>>)(
                    (ref VBuffer<float> value) =>
                    {
                        var editor = VBufferEditor.Create(ref value, _labels);
                        Score(slot.Index).CopyTo(editor.Values);
                        value = editor.Commit();
                    }
                );

        public override void Dispose() => transformer.Truncation.Report();

        private Span<float> Score(int slot) => _scores.AsSpan(slot * _labels, _labels);
    }
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertClassificationLoader
{
    internal static BertClassificationTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertClassificationTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertClassificationTransformer.Format));
}
