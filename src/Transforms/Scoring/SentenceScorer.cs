using System.Numerics.Tensors;
using BertMl.Batches;
using BertMl.DataView;
using BertMl.Onnx;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Scoring;

/// <summary>Texts to log-probabilities of their tokens. The masked copies of many texts are computed together, sorted by length as all rows are.</summary>
internal sealed class SentenceScorer(BertSentenceScoringTransformer transformer, BatchRunner runner, TextSlots slots, SentenceScore[] outputs, int capacity)
    : RowScorer
{
    // Masked copies are computed once they have so many tokens: 4 MB of ids, however long the texts are.
    private const int TokensAtOnce = 1 << 20;
    private readonly TokenizedTexts _texts = new(transformer.HasPrompts ? TokenDetails.SequenceIds | TokenDetails.Offsets : TokenDetails.SequenceIds);
    private readonly TokenizedTexts _copies = new();
    private readonly List<(int Text, int Index, int Position)> _masked = [];
    private readonly (int[] Ids, float[] Scores)[] _scored = new (int[], float[])[capacity];
    private readonly int[] _first = new int[capacity];

    public override void Read(int slot) => slots.Read(slot);

    public override void Compute(int count)
    {
        _texts.Clear();
        transformer.ScoringTokenizer.EncodeBatch(Texts(count), null, transformer.Encoding, windows: false, _texts);
        transformer.Truncation.Add(count, _texts.TruncatedCount);
        for (var text = 0; text < count; text++)
        {
            var positions = Predicted(text);
            var ids = _texts.Ids(text);
            _first[text] = positions.Length == 0 ? 1 : positions[0];
            _scored[text] = (new int[positions.Length], new float[positions.Length]);
            for (var i = 0; i < positions.Length; i++)
                _scored[text].Ids[i] = ids[positions[i]];
            if (!transformer.IsCausal)
                Mask(text, positions);
        }
        if (transformer.IsCausal)
            runner.Run(_texts, ReceiveCausal);
        else
            Flush();
    }

    private IReadOnlyList<ReadOnlyMemory<char>> Texts(int count) =>
        slots.HasPair
            ? [.. slots.Pairs(count).Zip(slots.Texts(count), (prompt, text) => string.Concat(prompt.Span, text.Span).AsMemory())]
            : slots.Texts(count);

    // What is scored: of a masked language model the text's own tokens, of a causal one all but the first, as in Hugging Face's loss.
    private int[] Predicted(int text)
    {
        var (length, start) = (_texts.Length(text), Start(text));
        if (transformer.IsCausal)
            return start < length ? [.. Enumerable.Range(Math.Max(1, start), length - Math.Max(1, start))] : [];
        var sequences = _texts.SequenceIds(text);
        var positions = new List<int>(length);
        for (var position = start; position < length; position++)
            if (sequences[position] >= 0)
                positions.Add(position);
        return [.. positions];
    }

    // The first token of the text itself: one that has something of it, for a token may be of the prompt's end and the text's beginning.
    private int Start(int text)
    {
        if (!slots.HasPair)
            return 0;
        var prompt = slots.Pair(text).Length;
        var sequences = _texts.SequenceIds(text);
        var offsets = _texts.Offsets(text);
        for (var position = 0; position < sequences.Length; position++)
            if (sequences[position] >= 0 && offsets[position].End.Value > prompt)
                return position;
        return sequences.Length;
    }

    private void Mask(int text, int[] positions)
    {
        var copy = _texts.Ids(text).ToArray();
        for (var i = 0; i < positions.Length; i++)
        {
            var id = copy[positions[i]];
            copy[positions[i]] = transformer.Tokenizer.MaskTokenId!.Value;
            _copies.Add(copy, _texts.FirstCount(text), truncated: false);
            _masked.Add((text, i, positions[i]));
            copy[positions[i]] = id;
            if ((long)_copies.Count * copy.Length >= TokensAtOnce)
                Flush();
        }
    }

    private void Flush()
    {
        if (_copies.Count > 0)
            runner.Run(_copies, ReceiveMasked);
        _copies.Clear();
        _masked.Clear();
    }

    private void ReceiveMasked(ReadOnlySpan<int> rows, ModelOutputs outputs)
    {
        var logits = outputs[transformer.OutputName];
        var (size, mask) = (transformer.VocabularySize, transformer.Tokenizer.MaskTokenId!.Value);
        var at = 0;
        foreach (var copy in rows)
        {
            var (text, index, position) = _masked[copy];
            var ids = _copies.Ids(copy);
            // The text may have masks of its own, which have logits too.
            var row = at + ids[..position].Count(mask);
            at += ids.Count(mask);
            ref var scored = ref _scored[text];
            scored.Scores[index] = LogProbability(logits.Slice(row * size, size), scored.Ids[index]);
        }
    }

    private void ReceiveCausal(ReadOnlySpan<int> rows, ModelOutputs outputs)
    {
        var logits = outputs[transformer.OutputName];
        var (length, size) = ((int)outputs.Shape(transformer.OutputName)[1], transformer.VocabularySize);
        for (var i = 0; i < rows.Length; i++)
        {
            var (ids, scores) = _scored[rows[i]];
            // A token is predicted where the one before it stands.
            var before = _first[rows[i]] - 1;
            for (var t = 0; t < ids.Length; t++)
                scores[t] = LogProbability(logits.Slice((i * length + before + t) * size, size), ids[t]);
        }
    }

    // log(softmax): the greatest logit is taken off, so that no exponential overflows; sums in double precision.
    private static float LogProbability(ReadOnlySpan<float> logits, int id)
    {
        var greatest = TensorPrimitives.Max(logits);
        var sum = 0.0;
        foreach (var logit in logits)
            sum += Math.Exp(logit - greatest);
        return (float)(logits[id] - greatest - Math.Log(sum));
    }

    public override Delegate CreateGetter(int output, Slot slot) =>
        outputs[output] switch
        {
            SentenceScore.Sum => (ValueGetter<float>)((ref float value) => value = (float)Sum(slot)),
            SentenceScore.Loss => (ValueGetter<float>)((ref float value) => value = (float)(-Sum(slot) / _scored[slot.Index].Scores.Length)),
            SentenceScore.TokenScores => Vector(slot, (scored, i) => scored.Scores[i]),
            _ => Vector(slot, (scored, i) => transformer.Tokenizer.Vocabulary[scored.Ids[i]].AsMemory()),
        };

    public override void Dispose() => transformer.Truncation.Report();

    private double Sum(Slot slot)
    {
        var sum = 0.0;
        foreach (var score in _scored[slot.Index].Scores)
            sum += score;
        return sum;
    }

    private ValueGetter<VBuffer<T>> Vector<T>(Slot slot, Func<(int[] Ids, float[] Scores), int, T> select) =>
        (ref VBuffer<T> value) =>
        {
            var scored = _scored[slot.Index];
            var editor = VBufferEditor.Create(ref value, scored.Ids.Length);
            for (var i = 0; i < scored.Ids.Length; i++)
                editor.Values[i] = select(scored, i);
            value = editor.Commit();
        };
}
