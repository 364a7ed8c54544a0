using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization;

/// <summary>Normalizer, pre-tokenizer and model one after the other: what holds for all sections, and what every faster way must agree with.</summary>
/// <param name="normalizer">The normalizer, or null.</param>
/// <param name="preTokenizer">The pre-tokenizer, or null: the text is one word.</param>
/// <param name="model">The model.</param>
/// <param name="addedTokens">The added tokens that are matched in the normalized text.</param>
internal sealed class SectionEncoder(INormalizer? normalizer, IPreTokenizer? preTokenizer, TokenizerModel model, AddedTokens addedTokens) : TextEncoder
{
    /// <summary>Buffers that have grown larger are not kept.</summary>
    private const int LargestKept = 1 << 20;

    [ThreadStatic]
    private static Buffers? _buffers;

    /// <inheritdoc/>
    public override bool Encode<TSink>(ReadOnlySpan<char> text, int origin, ref TSink sink)
    {
        var buffers = _buffers ?? new Buffers();
        _buffers = null;
        var whole = buffers.Whole;
        whole.Reset(text, origin);
        if (normalizer is not null && !normalizer.Keeps(whole.Characters))
            normalizer.Normalize(whole);
        var completed = EncodeNormalized(buffers, ref sink);
        if (text.Length <= LargestKept)
            _buffers = buffers;
        return completed;
    }

    private bool EncodeNormalized<TSink>(Buffers buffers, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        var (whole, part) = (buffers.Whole, buffers.Part);
        var at = 0;
        var search = default(AddedTokenSearch);
        while (addedTokens.TryFind(whole.Characters, at, ref search, out var id, out var start, out var end))
        {
            part.Reset(whole, at, Math.Max(at, start));
            if (!EncodeWords(part, buffers.Tokens, ref sink) || !sink.Add(id, whole.Starts[start], whole.Ends[end - 1], continues: false))
                return false;
            sink.StandsFor(whole.Characters[start..end]);
            at = end;
        }
        if (at == 0)
            return EncodeWords(whole, buffers.Tokens, ref sink);
        part.Reset(whole, at, whole.Length);
        return EncodeWords(part, buffers.Tokens, ref sink);
    }

    private bool EncodeWords<TSink>(PreTokenizedText text, ModelTokens tokens, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        preTokenizer?.PreTokenize(text);
        foreach (var word in text.Words)
        {
            tokens.Clear();
            model.Tokenize(text.Characters[word.Start..word.End], tokens);
            var continues = false;
            foreach (var (id, start, end) in tokens.All)
            {
                var first = Math.Min(word.Start + start, word.End - 1);
                var last = Math.Max(first, word.Start + end - 1);
                if (!sink.Add(id, text.Starts[first], text.Ends[last], continues))
                    return false;
                if (id == model.TextId)
                    sink.StandsFor(text.Characters[first..(last + 1)]);
                continues = true;
            }
        }
        return true;
    }

    private sealed class Buffers
    {
        public PreTokenizedText Whole { get; } = new();

        public PreTokenizedText Part { get; } = new();

        public ModelTokens Tokens { get; } = new();
    }
}
