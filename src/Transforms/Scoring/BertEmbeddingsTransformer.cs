using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertEmbeddingsTransformer),
    typeof(BertEmbeddingsLoader),
    null,
    typeof(SignatureLoadModel),
    BertEmbeddingsTransformer.LoaderName,
    BertEmbeddingsTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Gives each text, or pair of texts, a vector: the hidden state of [CLS] after the last layer, or a mean of all tokens' and the like, for ML.NET's own
/// trainers, for search, for maps of texts.
/// </summary>
public sealed class BertEmbeddingsTransformer : BertTransformer
{
    internal const string LoaderName = "BertEmbeddings";

    // Main stream: text column, optional pair column, output column, int pooling, bool normalize, int maximum length, int number of Dense layers and
    // these. The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTEMBED", 0x00010002, 0x00010002, LoaderName);

    private const int LookAhead = 1024;

    // More than any folder has.
    private const int MostLayers = 16;

    private readonly BertEmbeddingsOptions _options;
    private readonly IReadOnlyList<DenseModule> _dense;
    private readonly int _hiddenSize;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A model with its tokenizer.</param>
    /// <param name="options">Columns, pooling and the rest, checked; null stands for mean vectors that are not normalized.</param>
    /// <param name="dense">Layers after the pooling.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has not so many positions.</exception>
    /// <exception cref="InvalidDataException">A layer takes vectors of another width.</exception>
    internal BertEmbeddingsTransformer(IHostEnvironment environment, PretrainedModel model, BertEmbeddingsOptions options, IReadOnlyList<DenseModule> dense)
        : base(
            environment,
            nameof(BertEmbeddingsTransformer),
            model,
            options.MaximumLength,
            model.Tokenizer?.SpecialTokensToAdd(options.PairColumnName is not null) ?? 0,
            nameof(BertEmbeddingsOptions.MaximumLength),
            new() { Head = new EncoderHead(model.Head, options.Pooling == EmbeddingPooling.Cls ? EncoderOutput.FirstTokens : EncoderOutput.AllTokens) }
        )
    {
        (_options, Pooling, IsNormalized) = (options, options.Pooling ?? EmbeddingPooling.Mean, options.Normalize ?? false);
        (_dense, _hiddenSize, HiddenSize) = (dense, model.Config.HiddenSize, model.Config.HiddenSize);
        foreach (var layer in dense)
        {
            if (layer.Inputs != HiddenSize)
                throw new InvalidDataException($"A Dense layer takes vectors of {layer.Inputs} components; those before it have {HiddenSize}.");
            HiddenSize = layer.Outputs;
        }
    }

    /// <summary>How the tokens' vectors become one.</summary>
    public EmbeddingPooling Pooling { get; }

    /// <summary>Is each vector divided by its length?</summary>
    public bool IsNormalized { get; }

    /// <summary>Components of a vector.</summary>
    public int HiddenSize { get; }

    private protected override ModelFormat FileFormat => Format;

    internal static BertEmbeddingsTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var texts = TextColumns.Read(reader);
        var options = new BertEmbeddingsOptions
        {
            TextColumnName = texts.Text,
            PairColumnName = texts.Pair,
            OutputColumnName = reader.Main.ReadString(),
            Pooling = (EmbeddingPooling)reader.Count("the pooling", 0, (int)EmbeddingPooling.WeightedMean),
            Normalize = reader.Main.ReadBoolean(),
            MaximumLength = reader.Main.ReadInt32(),
        };
        var dense = new List<DenseModule>();
        for (var count = reader.Count("the number of Dense layers", 0, MostLayers); dense.Count < count; )
            dense.Add(DenseModule.Read(reader));
        return SavedPretrainedModel.Read(reader, model => new BertEmbeddingsTransformer(environment, model, options, dense));
    }

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            _options.Texts.Write(writer);
            writer.Main.Write(_options.OutputColumnName);
            writer.Main.Write((int)Pooling);
            writer.Main.Write(IsNormalized);
            writer.Main.Write(MaximumLength);
            writer.Main.Write(_dense.Count);
            foreach (var layer in _dense)
                layer.Write(writer);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var columns = _options.Texts.Find(inputSchema);
        return new ScorerBinding(
            inputSchema,
            columns,
            [_options.Output(HiddenSize)],
            (row, capacity) => new Scorer(this, row, columns, capacity),
            batchSize: LookAhead
        );
    }

    private sealed class Scorer(BertEmbeddingsTransformer transformer, DataViewRow row, DataViewSchema.Column[] columns, int capacity)
        : TextScorer(transformer, row, columns, capacity)
    {
        private readonly int _width = transformer.HiddenSize;
        private readonly float[] _vectors = new float[capacity * transformer.HiddenSize];
        private readonly float[] _pooled = new float[transformer._hiddenSize];

        protected override void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
        {
            var hidden = outputs[EncoderHead.Output];
            var (each, hiddenSize) = (hidden.Length / rows.Length, transformer._hiddenSize);
            for (var i = 0; i < rows.Length; i++)
            {
                var length = transformer.Pooling == EmbeddingPooling.Cls ? 1 : Runner.Ids(rows[i]).Length;
                VectorPooling.Pool(transformer.Pooling, hidden.Slice(i * each, length * hiddenSize), _pooled);
                var made = _pooled;
                foreach (var layer in transformer._dense)
                    made = layer.Apply(made);
                var vector = _vectors.AsSpan(rows[i] * _width, _width);
                made.CopyTo(vector);
                if (transformer.IsNormalized)
                    VectorPooling.Normalize(vector);
            }
        }

        public override Delegate CreateGetter(int output, Slot slot) =>
            (ValueGetter<VBuffer<float>>)(
                (ref value) =>
                {
                    var editor = VBufferEditor.Create(ref value, _width);
                    _vectors.AsSpan(slot.Index * _width, _width).CopyTo(editor.Values);
                    value = editor.Commit();
                }
            );
    }
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertEmbeddingsLoader
{
    internal static BertEmbeddingsTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertEmbeddingsTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertEmbeddingsTransformer.Format));
}
