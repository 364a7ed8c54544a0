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
/// Predicts the tokens behind [MASK] by a BERT with a masked-language-model head: for each [MASK] of a text, in order, the most probable tokens and their
/// probabilities. Several masks of a text are predicted independently of each other, as in Hugging Face's fill-mask pipeline. A text without [MASK] gets empty vectors.
/// </summary>
/// <remarks>Lazy, thread-safe and batched as <see cref="BertClassificationTransformer"/> is. Computes on ONNX Runtime; libtorch is not needed.</remarks>
public sealed class BertFillMaskTransformer : RowToRowTransformer, IDisposable
{
    internal const string LoaderName = "BertFillMask";

    // Main stream: text column, tokens column, score column, int top k, int maximum length, int number of candidates (0: all), candidates as strings.
    // The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTFILLM", 0x00010001, 0x00010001, LoaderName);

    private const int LookAhead = 256;

    private readonly ScoringModel _model;
    private readonly FillMaskOptions _options;
    private readonly int _maskTokenId, _vocabularySize;
    private readonly string _output;
    private readonly int[] _candidates;
    private readonly TruncationCounter _truncation;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A masked language model with its tokenizer.</param>
    /// <param name="options">Columns and candidates, checked.</param>
    internal BertFillMaskTransformer(IHostEnvironment environment, PretrainedModel model, FillMaskOptions options) : base(environment.Register(nameof(BertFillMaskTransformer)))
    {
        if (model.Task is not (ModelTask.MaskedLM or ModelTask.PreTraining))
            throw new ArgumentException($"The model is one for {model.Task}, not for {ModelTask.MaskedLM}.", nameof(model));
        var tokenizer = model.Tokenizer ?? throw new ArgumentException("The model has no tokenizer.", nameof(model));
        _maskTokenId = tokenizer.MaskTokenId ?? throw new ArgumentException("The model's tokenizer has no [MASK] token.", nameof(model));
        MaximumLength = options.MaximumLength ?? Math.Min(model.Config.MaxPositionEmbeddings, tokenizer.ModelMaxLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumLength, 3, nameof(FillMaskOptions.MaximumLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumLength, model.Config.MaxPositionEmbeddings, nameof(FillMaskOptions.MaximumLength));
        _candidates = options.Candidates is null ? [.. Enumerable.Range(0, tokenizer.VocabularySize)] : [.. options.Candidates.Select(Id).Distinct()];
        (_options, _vocabularySize) = (options, model.Config.VocabSize);
        _output = model.Task == ModelTask.PreTraining ? "prediction_logits" : "logits";
        _model = new(environment, model, nameof(BertFillMaskTransformer));
        _truncation = new(Host, MaximumLength);

        int Id(string candidate) => tokenizer.TokenToId(candidate) ?? throw new ArgumentException($"The candidate '{candidate}' is not a token of the vocabulary.", nameof(options));
    }

    internal static BertFillMaskTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var options = new FillMaskOptions
        {
            TextColumnName = reader.Main.ReadString(),
            PredictedTokensColumnName = reader.Main.ReadString(),
            ScoreColumnName = reader.Main.ReadString(),
            TopK = reader.Count("the number of predictions", 1, int.MaxValue),
            MaximumLength = reader.Main.ReadInt32(),
        };
        var candidates = new List<string>();
        for (var count = reader.Count("the number of candidates", 0, int.MaxValue); candidates.Count < count;)
            candidates.Add(reader.Main.ReadString());
        return SavedPretrainedModel.Read(reader, model => new BertFillMaskTransformer(environment, model, options with { Candidates = candidates.Count == 0 ? null : candidates }));
    }

    /// <summary>Tokens of a text at most, special tokens included; what is longer is cut and counted.</summary>
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
    /// <param name="folder">The folder.</param>
    /// <param name="precision">Element type of the weights: F32 (the default), F16 or BF16.</param>
    /// <exception cref="IOException">The folder cannot be written; nothing has changed.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void SavePretrained(string folder, TensorElementType precision = TensorElementType.F32)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _model.Use(model =>
        {
            model.Save(folder, precision);
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
        writer.Main.Write(_options.TextColumnName);
        writer.Main.Write(_options.PredictedTokensColumnName);
        writer.Main.Write(_options.ScoreColumnName);
        writer.Main.Write(_options.TopK);
        writer.Main.Write(MaximumLength);
        writer.Main.Write(_options.Candidates?.Count ?? 0);
        foreach (var candidate in _options.Candidates ?? [])
            writer.Main.Write(candidate);
        SavedPretrainedModel.Write(writer, model);
        return true;
    });

    private protected override RowBinding Bind(DataViewSchema inputSchema) => new Binding(this, inputSchema, Schemas.Text(inputSchema, _options.TextColumnName));

    private sealed class Binding(BertFillMaskTransformer transformer, DataViewSchema input, DataViewSchema.Column text) : RowBinding(input, [text], transformer._options.Outputs)
    {
        public override int BatchSize => LookAhead;

        public override bool OneCursor => true;

        public override RowScorer CreateScorer(DataViewRow row, int capacity) => new Scorer(transformer, row.GetGetter<ReadOnlyMemory<char>>(text), capacity);
    }

    private sealed class Scorer(BertFillMaskTransformer transformer, ValueGetter<ReadOnlyMemory<char>> getText, int capacity) : RowScorer
    {
        private readonly TextBatchRunner _runner = new(transformer._model, transformer.Host, transformer._truncation, transformer.MaximumLength, hasPair: false);
        private readonly ReadOnlyMemory<char>[] _texts = new ReadOnlyMemory<char>[capacity];
        private readonly List<(int Id, float Score)>[] _predictions = [.. Enumerable.Range(0, capacity).Select(_ => new List<(int, float)>())];
        private readonly float[] _probabilities = new float[transformer._vocabularySize];
        private readonly int[] _order = new int[transformer._candidates.Length];
        private readonly float[] _keys = new float[transformer._candidates.Length];

        public override void Read(int slot) => getText(ref _texts[slot]);

        public override void Compute(int count) => _runner.Run(new(_texts, 0, count), default, Receive);

        private void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
        {
            var logits = outputs[transformer._output];
            var size = transformer._vocabularySize;
            var length = logits.Length / size / rows.Length;
            for (var i = 0; i < rows.Length; i++)
            {
                var predictions = _predictions[rows[i]];
                predictions.Clear();
                var ids = _runner.Ids(rows[i]);
                for (var position = 0; position < ids.Length; position++)
                {
                    if (ids[position] == transformer._maskTokenId)
                        AddBest(logits.Slice((i * length + position) * size, size), predictions);
                }
            }
        }

        private void AddBest(ReadOnlySpan<float> logits, List<(int Id, float Score)> predictions)
        {
            // The greatest logit is taken off first, so that no exponential overflows.
            TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), _probabilities);
            TensorPrimitives.Exp(_probabilities, _probabilities);
            TensorPrimitives.Divide(_probabilities, TensorPrimitives.Sum<float>(_probabilities), _probabilities);
            transformer._candidates.CopyTo(_order, 0);
            for (var i = 0; i < _order.Length; i++)
                _keys[i] = -_probabilities[_order[i]];
            _keys.AsSpan().Sort(_order.AsSpan());
            foreach (var id in _order.AsSpan(0, Math.Min(transformer._options.TopK, _order.Length)))
                predictions.Add((id, _probabilities[id]));
        }

        public override Delegate CreateGetter(int output, Slot slot) => output == 0
            ? (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref value) => Fill(ref value, slot, prediction => transformer.Tokenizer.Vocabulary[prediction.Id].AsMemory()))
            : (ValueGetter<VBuffer<float>>)((ref value) => Fill(ref value, slot, prediction => prediction.Score));

        private void Fill<T>(ref VBuffer<T> value, Slot slot, Func<(int Id, float Score), T> select)
        {
            var predictions = _predictions[slot.Index];
            var editor = VBufferEditor.Create(ref value, predictions.Count);
            for (var i = 0; i < predictions.Count; i++)
                editor.Values[i] = select(predictions[i]);
            value = editor.Commit();
        }

        public override void Dispose() => transformer._truncation.Report();
    }
}
