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
/// Predicts tokens by a language model: for each place of a text that is predicted, in order, the most probable tokens and their probabilities. What the places
/// are depends on the head: those of the mask token (<see cref="BertFillMaskTransformer"/>), or the one after the text
/// (<see cref="BertNextTokenTransformer"/>).
/// </summary>
public abstract class BertTokenPredictionTransformer : BertTransformer
{
    private const int LookAhead = 256;

    private readonly BertTokenPredictionOptions _options;
    private readonly int _vocabularySize;
    private readonly string _output;
    private readonly int[] _candidates;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="owner">Name of the transformer.</param>
    /// <param name="model">A language model with its tokenizer.</param>
    /// <param name="options">Columns and candidates, checked.</param>
    /// <param name="head">The head that the model must have, and its output with logits over the vocabulary; null: the model's head has none.</param>
    /// <param name="leastLength">The least that <see cref="BertTokenPredictionOptions.MaximumLength"/> may be.</param>
    /// <param name="predicted">Which rows are computed.</param>
    private protected BertTokenPredictionTransformer(
        IHostEnvironment environment,
        string owner,
        PretrainedModel model,
        BertTokenPredictionOptions options,
        (Head Head, string? Output) head,
        int leastLength,
        PredictedPlaces predicted
    )
        : base(
            environment,
            owner,
            Checked(model, head),
            options.MaximumLength,
            leastLength,
            nameof(BertTokenPredictionOptions.MaximumLength),
            new() { Predicted = predicted }
        )
    {
        _candidates = options.Candidates is null
            ? [.. Enumerable.Range(0, Math.Min(Tokenizer.VocabularySize, model.Config.VocabSize))]
            : [.. options.Candidates.Select(Id).Distinct()];
        (_options, _vocabularySize, _output) = (options, model.Config.VocabSize, head.Output!);

        int Id(string candidate) =>
            Tokenizer.TokenToId(candidate) is { } id && id < model.Config.VocabSize
                ? id
                : throw new ArgumentException($"The candidate '{candidate}' is not a token of the vocabulary.", nameof(options));
    }

    private static PretrainedModel Checked(PretrainedModel model, (Head Head, string? Output) head) =>
        head.Output is not null ? model : throw new ArgumentException($"The model is one for {model.Head}, not for {head.Head}.", nameof(model));

    /// <summary>Reads what <see cref="Save"/> wrote; the last argument of <paramref name="create"/> is the column of the places' numbers, or null.</summary>
    private protected static T Load<T, TOptions>(ModelReader reader, TOptions defaults, Func<PretrainedModel, TOptions, string?, T> create)
        where TOptions : BertTokenPredictionOptions
    {
        var (text, tokens, score, index) = (reader.Main.ReadString(), reader.Main.ReadString(), reader.Main.ReadString(), reader.Optional());
        var options = defaults with
        {
            TextColumnName = text,
            PredictedTokensColumnName = tokens,
            ScoreColumnName = score,
            TopK = reader.Count("the number of predictions", 1, int.MaxValue),
            MaximumLength = reader.Main.ReadInt32(),
        };
        var candidates = new List<string>();
        for (var count = reader.Count("the number of candidates", 0, int.MaxValue); candidates.Count < count; )
            candidates.Add(reader.Main.ReadString());
        return SavedPretrainedModel.Read(reader, model => create(model, options with { Candidates = candidates.Count == 0 ? null : candidates }, index));
    }

    // Main stream: text column, tokens column, score column, column of the places' numbers or none, int top k, int maximum length, int number of candidates
    // (0: all), candidates as strings.
    // The model's entries: see SavedPretrainedModel.
    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            writer.Main.Write(_options.TextColumnName);
            writer.Main.Write(_options.PredictedTokensColumnName);
            writer.Main.Write(_options.ScoreColumnName);
            writer.Optional(_options.IndexColumnName);
            writer.Main.Write(_options.TopK);
            writer.Main.Write(MaximumLength);
            writer.Main.Write(_options.Candidates?.Count ?? 0);
            foreach (var candidate in _options.Candidates ?? [])
                writer.Main.Write(candidate);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    /// <summary>How many places of a text are predicted.</summary>
    /// <param name="ids">The text's tokens, special tokens included.</param>
    private protected abstract int CountPlaces(ReadOnlySpan<int> ids);

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var columns = new TextColumns(_options.TextColumnName).Find(inputSchema);
        return new ScorerBinding(inputSchema, columns, _options.Outputs, (row, capacity) => new Scorer(this, row, columns, capacity), LookAhead);
    }

    private sealed class Scorer(BertTokenPredictionTransformer transformer, DataViewRow row, DataViewSchema.Column[] columns, int capacity)
        : TextScorer(transformer, row, columns, capacity)
    {
        private readonly List<(int Id, float Score, int Place)>[] _predictions = [.. Enumerable.Range(0, capacity).Select(_ => new List<(int, float, int)>())];
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
                var places = transformer.CountPlaces(Runner.Ids(text));
                for (var place = 0; place < places; place++)
                {
                    AddBest(logits[..size], place, predictions);
                    logits = logits[size..];
                }
            }
        }

        private void AddBest(ReadOnlySpan<float> logits, int place, List<(int Id, float Score, int Place)> predictions)
        {
            Softmax(logits, _probabilities);
            transformer._candidates.CopyTo(_order, 0);
            for (var i = 0; i < _order.Length; i++)
                _keys[i] = -_probabilities[_order[i]];
            _keys.AsSpan().Sort(_order.AsSpan());
            foreach (var id in _order.AsSpan(0, Math.Min(transformer._options.TopK, _order.Length)))
                predictions.Add((id, _probabilities[id], place));
        }

        public override Delegate CreateGetter(int output, Slot slot) =>
            output switch
            {
                0 => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)(
                    (ref value) => Fill(ref value, slot, prediction => transformer.Tokenizer.Vocabulary[prediction.Id].AsMemory())
                ),
                1 => (ValueGetter<VBuffer<float>>)((ref value) => Fill(ref value, slot, prediction => prediction.Score)),
                _ => (ValueGetter<VBuffer<int>>)((ref value) => Fill(ref value, slot, prediction => prediction.Place)),
            };

        private void Fill<T>(ref VBuffer<T> value, Slot slot, Func<(int Id, float Score, int Place), T> select)
        {
            var predictions = _predictions[slot.Index];
            var editor = VBufferEditor.Create(ref value, predictions.Count);
            for (var i = 0; i < predictions.Count; i++)
                editor.Values[i] = select(predictions[i]);
            value = editor.Commit();
        }
    }
}
