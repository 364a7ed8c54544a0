using System.Buffers;
using BertMl.Tokenization.PostProcessors;

namespace BertMl.Tokenization;

/// <summary>How many tokens a text, or a pair of texts, became.</summary>
/// <param name="Count">Tokens in all, special tokens included.</param>
/// <param name="FirstCount">Tokens of token type 0; the rest are of type 1.</param>
/// <param name="Truncated">Was something cut off to fit?</param>
public readonly record struct TokenCount(int Count, int FirstCount, bool Truncated);

/// <content>Ids alone: the fast way, which allocates nothing.</content>
public sealed partial class PretrainedTokenizer
{
    /// <summary>
    /// Tokenizes a text, or a pair of texts, with the special tokens of the post-processor, truncated (longest_first) to the length of <paramref name="ids"/>.
    /// Allocates nothing, unless the post-processor makes other rows than texts, the first before the second, with special tokens around them.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text; ignored unless <paramref name="hasPair"/>.</param>
    /// <param name="hasPair">Is there a second text?</param>
    /// <param name="ids">Receives the ids; long enough for the special tokens (<see cref="SpecialTokensToAdd"/>).</param>
    /// <exception cref="ArgumentException"><paramref name="ids"/> is too short for the special tokens.</exception>
    /// <exception cref="InvalidOperationException">A word is unknown, and the vocabulary has no token for that; or the post-processor has token types other
    /// than 0s and then 1s, adds more tokens than it counts, or repeats a text, so that the row does not fit.</exception>
    public TokenCount Encode(ReadOnlySpan<char> text, ReadOnlySpan<char> pair, bool hasPair, Span<int> ids)
    {
        var added = SpecialTokensToAdd(hasPair);
        if (ids.Length < added)
            throw new ArgumentException($"At least {added} tokens are needed for the special tokens; {ids.Length} were allowed.", nameof(ids));
        if ((hasPair ? _pair : _single) is not { } special)
            return EncodeWhole(text, pair, hasPair, ids);
        if (!special.HasSimpleTypes)
            throw OtherTypes();
        var budget = ids.Length - special.Count;
        var before = special.BeforeIds.Length;
        special.BeforeIds.CopyTo(ids);
        var first = EncodeText(text, ids.Slice(before, budget), countAll: hasPair);
        if (!hasPair)
        {
            var kept = Math.Min(first, budget);
            special.AfterIds.CopyTo(ids[(before + kept)..]);
            return new TokenCount(kept + special.Count, special.FirstCount(kept, 0), first > budget);
        }
        return EncodePair(special, text, first, pair, ids, budget);
    }

    // Rows that are no texts with special tokens around them: with everything that is known of each token, of which the ids are taken.
    private TokenCount EncodeWhole(ReadOnlySpan<char> text, ReadOnlySpan<char> pair, bool hasPair, Span<int> ids)
    {
        var encoding = EncodeRow(text.ToString(), hasPair ? pair.ToString() : null, new() { MaximumLength = ids.Length });
        encoding.Ids.CopyTo(ids);
        var firstCount = encoding.TypeIds.TakeWhile(type => type == 0).Count();
        if (encoding.TypeIds.Skip(firstCount).Any(type => type != 1))
            throw OtherTypes();
        return new TokenCount(encoding.Ids.Length, firstCount, encoding.IsTruncated);
    }

    /// <summary>As <see cref="Encode(string, string?, EncodingOptions?)"/>, for rows of a batch, which are never longer than the maximum length.</summary>
    /// <exception cref="InvalidOperationException">The row is longer.</exception>
    internal TokenEncoding EncodeRow(string text, string? pair, EncodingOptions options)
    {
        var encoding = Encode(text, pair, options);
        return encoding.Ids.Length <= (options.MaximumLength ?? int.MaxValue)
            ? encoding
            : throw new InvalidOperationException(
                $"The post-processor adds more special tokens than it counts, or repeats a text: a row of at most {options.MaximumLength} tokens became one of "
                    + $"{encoding.Ids.Length}."
            );
    }

    private static InvalidOperationException OtherTypes() =>
        new("The post-processor has token types other than 0s and then 1s, which batches of rows cannot have.");

    /// <summary>Tokenizes a text without special tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Receives the ids that fit.</param>
    /// <returns>Number of tokens; one more than fit where there are more.</returns>
    internal int EncodeWithoutSpecialTokens(ReadOnlySpan<char> text, Span<int> ids) => EncodeText(text, ids, countAll: false);

    private TokenCount EncodePair(SpecialTokens special, ReadOnlySpan<char> text, int first, ReadOnlySpan<char> pair, Span<int> ids, int budget)
    {
        var rented = ArrayPool<int>.Shared.Rent(Math.Min(budget, pair.Length + 16));
        var second = EncodeText(pair, rented.AsSpan(0, Math.Min(budget, rented.Length)), countAll: true);
        if (second > rented.Length && rented.Length < budget)
        {
            ArrayPool<int>.Shared.Return(rented);
            rented = ArrayPool<int>.Shared.Rent(Math.Min(budget, second));
            EncodeText(pair, rented.AsSpan(0, Math.Min(budget, rented.Length)), countAll: true);
        }
        var (firstKept, secondKept) = Truncation.LongestFirst(first, second, budget);
        if (_settings.TruncatesLeft && firstKept < first)
            EncodeText(text, ids.Slice(special.BeforeIds.Length, firstKept), countAll: true);
        if (_settings.TruncatesLeft && secondKept < second)
            EncodeText(pair, rented.AsSpan(0, secondKept), countAll: true);
        var at = special.BeforeIds.Length + firstKept;
        special.BetweenIds.CopyTo(ids[at..]);
        at += special.BetweenIds.Length;
        rented.AsSpan(0, secondKept).CopyTo(ids[at..]);
        special.AfterIds.CopyTo(ids[(at + secondKept)..]);
        ArrayPool<int>.Shared.Return(rented);
        return new TokenCount(firstKept + secondKept + special.Count, special.FirstCount(firstKept, secondKept), firstKept + secondKept < (long)first + second);
    }

    /// <summary>The tokens of a text that are kept: the first, or the last where the beginning is cut.</summary>
    /// <returns>Number of tokens; where not all are counted, one more than fit says that there are more.</returns>
    private int EncodeText(ReadOnlySpan<char> text, Span<int> ids, bool countAll)
    {
        var sink = new IdSink(ids, countAll || _settings.TruncatesLeft);
        EncodeWithoutSpecialTokens(text, ref sink);
        if (!_settings.TruncatesLeft || sink.Count <= ids.Length)
            return sink.Count;
        var all = ArrayPool<int>.Shared.Rent(sink.Count);
        var whole = new IdSink(all, countAll: false);
        EncodeWithoutSpecialTokens(text, ref whole);
        all.AsSpan(sink.Count - ids.Length, ids.Length).CopyTo(ids);
        ArrayPool<int>.Shared.Return(all);
        return sink.Count;
    }

    private void EncodeWithoutSpecialTokens<TSink>(ReadOnlySpan<char> text, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        PatternClock.Begin(text.Length);
        var at = 0;
        var search = default(AddedTokenSearch);
        while (_addedTokens.TryFind(text, at, ref search, out var id, out var start, out var end))
        {
            if ((start > at && !EncodeBetween(text[at..start], at, ref sink)) || !sink.Add(id, start, end, continues: false))
                return;
            sink.StandsFor(text[start..end]);
            at = end;
        }
        EncodeBetween(text[at..], at, ref sink);
    }

    /// <summary>
    /// Text between the added tokens that are matched as they stand: the fast way, or section by section where it has tokens that are matched in normalized
    /// text.
    /// </summary>
    private bool EncodeBetween<TSink>(ReadOnlySpan<char> text, int origin, ref TSink sink)
        where TSink : ITokenSink, allows ref struct =>
        text.IsEmpty
        || (_scan is not null && _scan.MayContain(text) ? _sectionEncoder.Encode(text, origin, ref sink) : _encoder.Encode(text, origin, ref sink));
}
