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

    // Main stream: text column, optional pair column, output column, int pooling, bool normalize, int maximum length. The model's entries: see
    // SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTEMBED", 0x00010001, 0x00010001, LoaderName);

    private const int LookAhead = 1024;

    private readonly BertEmbeddingsOptions _options;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A model with its tokenizer.</param>
    /// <param name="options">Columns, pooling and the rest, checked; null stands for mean vectors that are not normalized.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has not so many positions.</exception>
    internal BertEmbeddingsTransformer(IHostEnvironment environment, PretrainedModel model, BertEmbeddingsOptions options)
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
        HiddenSize = model.Config.HiddenSize;
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
        return SavedPretrainedModel.Read(reader, model => new BertEmbeddingsTransformer(environment, model, options));
    }

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            _options.Texts.Write(writer);
            writer.Main.Write(_options.OutputColumnName);
            writer.Main.Write((int)Pooling);
            writer.Main.Write(IsNormalized);
            writer.Main.Write(MaximumLength);
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

        protected override void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
        {
            var hidden = outputs[EncoderHead.Output];
            var each = hidden.Length / rows.Length;
            for (var i = 0; i < rows.Length; i++)
            {
                var vector = _vectors.AsSpan(rows[i] * _width, _width);
                var length = transformer.Pooling == EmbeddingPooling.Cls ? 1 : Runner.Ids(rows[i]).Length;
                VectorPooling.Pool(transformer.Pooling, hidden.Slice(i * each, length * _width), vector);
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
