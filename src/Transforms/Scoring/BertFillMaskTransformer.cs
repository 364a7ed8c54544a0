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
    typeof(BertFillMaskTransformer),
    typeof(BertFillMaskLoader),
    null,
    typeof(SignatureLoadModel),
    BertFillMaskTransformer.LoaderName,
    BertFillMaskTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Predicts the tokens behind [MASK] by a BERT with a masked-language-model head: for each [MASK] of a text, in order, the most probable tokens and their
/// probabilities. Several masks of a text are predicted independently of each other, as in Hugging Face's fill-mask pipeline. A text without [MASK] gets empty vectors.
/// </summary>
public sealed class BertFillMaskTransformer : BertTransformer
{
    internal const string LoaderName = "BertFillMask";

    // Main stream: text column, tokens column, score column, column of the masks' numbers or none, int top k, int maximum length, int number of
    // candidates (0: all), candidates as strings.
    // The model's entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTFILLM", 0x00010003, 0x00010003, LoaderName);

    private const int LookAhead = 256;

    private readonly FillMaskOptions _options;
    private readonly int _maskTokenId,
        _vocabularySize;
    private readonly string _output;
    private readonly int[] _candidates;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A masked language model with its tokenizer.</param>
    /// <param name="options">Columns and candidates, checked.</param>
    internal BertFillMaskTransformer(IHostEnvironment environment, PretrainedModel model, FillMaskOptions options)
        : base(
            environment,
            nameof(BertFillMaskTransformer),
            Checked(model),
            options.MaximumLength,
            3,
            nameof(FillMaskOptions.MaximumLength),
            new() { PredictedTokenId = model.Tokenizer?.MaskTokenId }
        )
    {
        _maskTokenId = Tokenizer.MaskTokenId ?? throw new ArgumentException("The model's tokenizer has no [MASK] token.", nameof(model));
        _candidates = options.Candidates is null
            ? [.. Enumerable.Range(0, Math.Min(Tokenizer.VocabularySize, model.Config.VocabSize))]
            : [.. options.Candidates.Select(Id).Distinct()];
        (_options, _vocabularySize) = (options, model.Config.VocabSize);
        _output = model.Head.MaskedTokenOutput!;

        int Id(string candidate) =>
            Tokenizer.TokenToId(candidate) is { } id && id < model.Config.VocabSize
                ? id
                : throw new ArgumentException($"The candidate '{candidate}' is not a token of the vocabulary.", nameof(options));
    }

    private static PretrainedModel Checked(PretrainedModel model) =>
        model.Head.MaskedTokenOutput is not null
            ? model
            : throw new ArgumentException($"The model is one for {model.Head}, not for {Head.MaskedLM}.", nameof(model));

    internal static BertFillMaskTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var options = new FillMaskOptions
        {
            TextColumnName = reader.Main.ReadString(),
            PredictedTokensColumnName = reader.Main.ReadString(),
            ScoreColumnName = reader.Main.ReadString(),
            MaskIndexColumnName = reader.Optional(),
            TopK = reader.Count("the number of predictions", 1, int.MaxValue),
            MaximumLength = reader.Main.ReadInt32(),
        };
        var candidates = new List<string>();
        for (var count = reader.Count("the number of candidates", 0, int.MaxValue); candidates.Count < count; )
            candidates.Add(reader.Main.ReadString());
        return SavedPretrainedModel.Read(
            reader,
            model => new BertFillMaskTransformer(environment, model, options with { Candidates = candidates.Count == 0 ? null : candidates })
        );
    }

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            writer.Main.Write(_options.TextColumnName);
            writer.Main.Write(_options.PredictedTokensColumnName);
            writer.Main.Write(_options.ScoreColumnName);
            writer.Optional(_options.MaskIndexColumnName);
            writer.Main.Write(_options.TopK);
            writer.Main.Write(MaximumLength);
            writer.Main.Write(_options.Candidates?.Count ?? 0);
            foreach (var candidate in _options.Candidates ?? [])
                writer.Main.Write(candidate);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var columns = new TextColumns(_options.TextColumnName).Find(inputSchema);
        return new ScorerBinding(inputSchema, columns, _options.Outputs, (row, capacity) => new Scorer(this, row, columns, capacity), LookAhead);
    }

    private sealed class Scorer(BertFillMaskTransformer transformer, DataViewRow row, DataViewSchema.Column[] columns, int capacity)
        : TextScorer(transformer, row, columns, capacity)
    {
        private readonly List<(int Id, float Score, int Mask)>[] _predictions = [.. Enumerable.Range(0, capacity).Select(_ => new List<(int, float, int)>())];
        private readonly float[] _probabilities = new float[transformer._vocabularySize];
        private readonly int[] _order = new int[transformer._candidates.Length];
        private readonly float[] _keys = new float[transformer._candidates.Length];

        protected override void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
        {
            var logits = outputs[transformer._output];
            var size = transformer._vocabularySize;
            foreach (var text in rows)
            {
                var predictions = _predictions[text];
                predictions.Clear();
                var masks = Runner.Ids(text).Count(transformer._maskTokenId);
                for (var mask = 0; mask < masks; mask++)
                {
                    AddBest(logits[..size], mask, predictions);
                    logits = logits[size..];
                }
            }
        }

        private void AddBest(ReadOnlySpan<float> logits, int mask, List<(int Id, float Score, int Mask)> predictions)
        {
            Softmax(logits, _probabilities);
            transformer._candidates.CopyTo(_order, 0);
            for (var i = 0; i < _order.Length; i++)
                _keys[i] = -_probabilities[_order[i]];
            _keys.AsSpan().Sort(_order.AsSpan());
            foreach (var id in _order.AsSpan(0, Math.Min(transformer._options.TopK, _order.Length)))
                predictions.Add((id, _probabilities[id], mask));
        }

        public override Delegate CreateGetter(int output, Slot slot) =>
            output switch
            {
                0 => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)(
                    (ref value) => Fill(ref value, slot, prediction => transformer.Tokenizer.Vocabulary[prediction.Id].AsMemory())
                ),
                1 => (ValueGetter<VBuffer<float>>)((ref value) => Fill(ref value, slot, prediction => prediction.Score)),
                _ => (ValueGetter<VBuffer<int>>)((ref value) => Fill(ref value, slot, prediction => prediction.Mask)),
            };

        private void Fill<T>(ref VBuffer<T> value, Slot slot, Func<(int Id, float Score, int Mask), T> select)
        {
            var predictions = _predictions[slot.Index];
            var editor = VBufferEditor.Create(ref value, predictions.Count);
            for (var i = 0; i < predictions.Count; i++)
                editor.Values[i] = select(predictions[i]);
            value = editor.Commit();
        }
    }
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertFillMaskLoader
{
    internal static BertFillMaskTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertFillMaskTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertFillMaskTransformer.Format));
}
