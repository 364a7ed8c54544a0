using BertMl.RandomNumbers;
using BertMl.Tokenization;

namespace BertMl.Masking;

/// <summary>Masks rows of tokens. Thread-safe.</summary>
internal sealed class TokenMasker
{
    /// <summary>The label of tokens that are not to be predicted, as in PyTorch's cross entropy.</summary>
    public const long NotPredicted = -100;

    private readonly MaskingOptions _options;
    private readonly int _maskTokenId;
    private readonly bool[] _isSpecial,
        _continuesWord;
    private readonly int[] _ordinary;
    private readonly double[] _spanLengths;
    private readonly double _spanBegins;

    /// <param name="tokenizer">Tells special tokens, and pieces that continue a word.</param>
    /// <param name="options">What to choose, and what it becomes.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">The tokenizer has no [MASK].</exception>
    public TokenMasker(PretrainedTokenizer tokenizer, MaskingOptions options)
    {
        options.Check();
        _options = options;
        _maskTokenId = tokenizer.MaskTokenId ?? throw new ArgumentException("The tokenizer has no mask token.", nameof(tokenizer));
        _isSpecial = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.SpecialTokenIds.Contains)];
        _continuesWord = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => !tokenizer.StartsWord(id))];
        _ordinary = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(id => !_isSpecial[id] && tokenizer.Vocabulary[id].Length > 0)];
        _spanLengths = SpanLengths(options);
        var meanSpan = 1 + _spanLengths.Sum(shorter => 1 - shorter);
        _spanBegins = options.Rate / (options.Rate + meanSpan * (1 - options.Rate));
    }

    /// <summary>Masks a row.</summary>
    /// <param name="ids">Its tokens; chosen ones are replaced in place.</param>
    /// <param name="labels">Receives what was at the chosen places, and <see cref="NotPredicted"/> elsewhere.</param>
    /// <param name="key">Decides what is chosen: the same key, the same masking.</param>
    public void Mask(Span<int> ids, Span<long> labels, ulong key)
    {
        labels.Fill(NotPredicted);
        var random = new CounterRandom(key);
        switch (_options.Strategy)
        {
            case MaskingStrategy.Uniform:
                MaskTokens(ids, labels, ref random);
                break;
            case MaskingStrategy.WholeWord:
                MaskWords(ids, labels, ref random);
                break;
            default:
                MaskSpans(ids, labels, ref random);
                break;
        }
    }

    private void MaskTokens(Span<int> ids, Span<long> labels, ref CounterRandom random)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            if (!_isSpecial[ids[i]] && random.NextDouble() < _options.Rate)
                Replace(ids, labels, i, Draw(ref random), ref random);
        }
    }

    // Each piece of a word becomes what is drawn for it alone, as in BERT.
    private void MaskWords(Span<int> ids, Span<long> labels, ref CounterRandom random)
    {
        for (int i = 0, end; i < ids.Length; i = end)
        {
            end = EndOfWord(ids, i);
            if (_isSpecial[ids[i]] || random.NextDouble() >= _options.Rate)
                continue;
            for (var piece = i; piece < end; piece++)
                Replace(ids, labels, piece, Draw(ref random), ref random);
        }
    }

    // All of a span becomes the same kind of thing, as in SpanBERT. Where SpanBERT throws spans until enough is covered, this walks: a span begins at a word
    // with the probability that makes the rate come out exactly whatever the row's length, and the walk has been going on for a while where the row begins.
    // Special tokens are stepped over.
    private void MaskSpans(Span<int> ids, Span<long> labels, ref CounterRandom random)
    {
        var (left, kind) = (0, Kind.Keep);
        for (int i = 0, walked = -8 * _options.MaximumSpanLength, end; i < ids.Length; i = end)
        {
            end = walked < 0 ? i : EndOfWord(ids, i);
            if (walked >= 0 && _isSpecial[ids[i]])
                continue;
            walked++;
            if (left == 0 && random.NextDouble() < _spanBegins)
                (left, kind) = (SpanLength(ref random), Draw(ref random));
            if (left == 0)
                continue;
            left--;
            for (var piece = i; piece < end; piece++)
                Replace(ids, labels, piece, kind, ref random);
        }
    }

    private int EndOfWord(ReadOnlySpan<int> ids, int start)
    {
        var end = start + 1;
        while (!_isSpecial[ids[start]] && end < ids.Length && _continuesWord[ids[end]])
            end++;
        return end;
    }

    private void Replace(Span<int> ids, Span<long> labels, int i, Kind kind, ref CounterRandom random)
    {
        labels[i] = ids[i];
        if (kind == Kind.Mask)
            ids[i] = _maskTokenId;
        else if (kind == Kind.Random)
            ids[i] = _ordinary[random.Below(_ordinary.Length)];
    }

    private Kind Draw(ref CounterRandom random)
    {
        var drawn = random.NextDouble();
        return drawn < _options.MaskShare ? Kind.Mask
            : drawn < 1 - _options.KeepShare ? Kind.Random
            : Kind.Keep;
    }

    private int SpanLength(ref CounterRandom random)
    {
        var drawn = random.NextDouble();
        var length = 1;
        while (length < _spanLengths.Length && drawn >= _spanLengths[length - 1])
            length++;
        return length;
    }

    // The probability that a span has so many words or fewer.
    private static double[] SpanLengths(MaskingOptions options)
    {
        var goesOn = 1 - options.SpanEndProbability;
        var all = 1 - Math.Pow(goesOn, options.MaximumSpanLength);
        return [.. Enumerable.Range(1, options.MaximumSpanLength).Select(length => (1 - Math.Pow(goesOn, length)) / all)];
    }

    private enum Kind
    {
        Mask,
        Random,
        Keep,
    }
}
