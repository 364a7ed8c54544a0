using System.Numerics.Tensors;
using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>
/// Classifies texts, or pairs of texts, by a BERT: PredictedLabel (a key) and Score (a probability for each label, by softmax, in the order of the keys).
/// Computes on ONNX Runtime; libtorch is not needed. A saved model has configuration, weights and tokenizer in it.
/// </summary>
/// <remarks>
/// Lazy: values are computed when they are read. Cursors read about 1,000 rows ahead and score them sorted by length; scoring many texts by
/// <see cref="RowToRowTransformer.Transform"/> is therefore much faster than one by one through a <see cref="PredictionEngine{TSrc, TDst}"/>.
/// Thread-safe. An engine disposes the transformer with itself unless its options say otherwise.
/// </remarks>
public sealed class BertClassificationTransformer : RowToRowTransformer, IDisposable
{
    internal const string LoaderName = "BertClassification";

    // Main stream: text column, optional pair column, predicted label and score columns, int maximum length, bool "labels follow", labels as KeyValues writes them.
    // The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTCLASS", 0x00010001, 0x00010001, LoaderName);

    private const int LookAhead = 1024;

    private readonly ScoringModel _model;
    private readonly ClassificationColumns _columns;
    private readonly KeyValues? _labels;
    private readonly TruncationCounter _truncation;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A classifier of single labels with its tokenizer.</param>
    /// <param name="columns">Input and output columns.</param>
    /// <param name="labels">What the keys stand for, one for each of the model's labels; null: nothing.</param>
    /// <param name="maximumLength">Tokens of a row at most; null: as many as the model takes.</param>
    internal BertClassificationTransformer(IHostEnvironment environment, PretrainedModel model, ClassificationColumns columns, KeyValues? labels, int? maximumLength)
        : base(environment.Register(nameof(BertClassificationTransformer)))
    {
        Check(model, labels);
        var greatest = Math.Min(model.Config.MaxPositionEmbeddings, model.Tokenizer!.ModelMaxLength);
        MaximumLength = maximumLength ?? greatest;
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumLength, columns.Pair is null ? 2 : 3, nameof(maximumLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumLength, model.Config.MaxPositionEmbeddings, nameof(maximumLength));
        (_columns, _labels) = (columns, labels);
        Labels = labels?.Names ?? model.Config.Labels;
        _model = new(environment, model, nameof(BertClassificationTransformer));
        _truncation = new(Host, MaximumLength);
    }

    private static void Check(PretrainedModel model, KeyValues? labels)
    {
        if (model.Task != ModelTask.SequenceClassification)
            throw new ArgumentException($"The model is one for {model.Task}, not for {ModelTask.SequenceClassification}.", nameof(model));
        if (model.Config.Labels.Count < 2 || model.Config.ProblemType is not (null or ProblemType.SingleLabelClassification))
            throw new ArgumentException($"The model does not choose one of several labels: it has {model.Config.Labels.Count} and is for {model.Config.ProblemType}.", nameof(model));
        if (model.Tokenizer is null)
            throw new ArgumentException("The model has no tokenizer.", nameof(model));
        if (labels is not null && labels.Names.Count != model.Config.Labels.Count)
            throw new ArgumentException($"There are {labels.Names.Count} label values, but the model has {model.Config.Labels.Count} labels.", nameof(labels));
    }

    internal static BertClassificationTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var columns = new ClassificationColumns(reader.Main.ReadString(), reader.Optional(), reader.Main.ReadString(), reader.Main.ReadString());
        var maximumLength = reader.Main.ReadInt32();
        return SavedPretrainedModel.Read(reader, model => new BertClassificationTransformer(environment, model, columns,
            reader.Main.ReadBoolean() ? KeyValues.Read(reader, model.Config.Labels.Count) : null, maximumLength));
    }

    /// <summary>Names of the labels, in the order of the keys and of Score's elements.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Tokens of a row at most, special tokens included; what is longer is cut and counted.</summary>
    public int MaximumLength { get; }

    /// <summary>How many texts have been cut to <see cref="MaximumLength"/> so far.</summary>
    public long TruncatedTextCount => _truncation.Count;

    /// <summary>Where it computes, by ONNX Runtime's name: "CPUExecutionProvider" or "CUDAExecutionProvider".</summary>
    /// <exception cref="InvalidOperationException">The GPU that was asked for cannot be used, and <c>MLContext.FallbackToCpu</c> is off.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public string ExecutionProvider => _model.ExecutionProvider;

    /// <summary>The tokenizer.</summary>
    public WordPieceTokenizer Tokenizer => _model.Tokenizer;

    /// <summary>Writes the model as a folder that Hugging Face transformers loads: config.json, model.safetensors and the tokenizer's files.</summary>
    /// <exception cref="IOException">The folder cannot be written; nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void SavePretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _model.Use(model =>
        {
            model.Save(folder);
            return true;
        });
    }

    /// <summary>Writes the model as an ONNX file whose inputs and outputs are named as optimum names them, and checks what it computes.</summary>
    /// <param name="path">The file; weights of more than 2 GB go to a second one beside it.</param>
    /// <param name="options">Operators and further outputs; null: standard operators, no further outputs.</param>
    /// <returns>The files and the largest difference from an independent computation.</returns>
    /// <exception cref="IOException">The file cannot be written; nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public OnnxExportReport SaveOnnx(string path, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return _model.Use(model => model.SaveOnnx(path, options));
    }

    /// <summary>Releases the session and the weights. Batches that others are scoring are finished first.</summary>
    public void Dispose() => _model.Dispose();

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer) => _model.Use(model =>
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

        public override RowScorer CreateScorer(DataViewRow row, int capacity) => new Scorer(transformer, row.GetGetter<ReadOnlyMemory<char>>(text),
            pair is { } second ? row.GetGetter<ReadOnlyMemory<char>>(second) : null, capacity);
    }

    private sealed class Scorer(BertClassificationTransformer transformer, ValueGetter<ReadOnlyMemory<char>> getText, ValueGetter<ReadOnlyMemory<char>>? getPair, int capacity) : RowScorer
    {
        private readonly TextBatchRunner _runner = new(transformer._model, transformer.Host, transformer._truncation, transformer.MaximumLength, getPair is not null);
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

        public override Delegate CreateGetter(int output, Slot slot) => output == 0
            ? (ValueGetter<uint>)((ref uint value) => value = (uint)TensorPrimitives.IndexOfMax(Score(slot.Index)) + 1) // keys start at 1
            : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                var editor = VBufferEditor.Create(ref value, _labels);
                Score(slot.Index).CopyTo(editor.Values);
                value = editor.Commit();
            });

        public override void Dispose() => transformer._truncation.Report();

        private Span<float> Score(int slot) => _scores.AsSpan(slot * _labels, _labels);

        // The greatest logit is taken off first, so that no exponential overflows.
        private static void Softmax(ReadOnlySpan<float> logits, Span<float> destination)
        {
            TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), destination);
            TensorPrimitives.Exp(destination, destination);
            TensorPrimitives.Divide(destination, TensorPrimitives.Sum(destination), destination);
        }
    }
}
