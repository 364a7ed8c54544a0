using System.Buffers;
using BertMl.Tokenization;

namespace BertMl.Batches;

/// <summary>Tokenizing many texts on all cores.</summary>
public static class BatchEncoding
{
    private const int CharactersPerChunk = 1 << 17;
    private const int RowsPerChunk = 4096;

    /// <summary>Tokenizes many texts on all cores, in order, appending to <paramref name="destination"/>, with the details that it keeps.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="pairs">The second texts, or null.</param>
    /// <param name="maximumLength">Tokens a row at most, special tokens included.</param>
    /// <param name="destination">Receives the rows.</param>
    /// <param name="cancellationToken">Stops the work; <paramref name="destination"/> then has some of the rows.</param>
    /// <exception cref="ArgumentException"><paramref name="pairs"/> has another length, or <paramref name="maximumLength"/> is too short for the special
    /// tokens.</exception>
    public static void EncodeBatch(
        this PretrainedTokenizer tokenizer,
        IReadOnlyList<ReadOnlyMemory<char>> texts,
        IReadOnlyList<ReadOnlyMemory<char>>? pairs,
        int maximumLength,
        TokenizedTexts destination,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Details != TokenDetails.None)
        {
            tokenizer.EncodeBatch(texts, pairs, new EncodingOptions { MaximumLength = maximumLength }, windows: false, destination, cancellationToken);
            return;
        }
        Check(tokenizer, texts, pairs, maximumLength);
        foreach (var ranges in Chunks(texts, pairs).Chunk(Environment.ProcessorCount * 4))
        {
            var chunks = new (int[] Ids, TokenCount[] Rows)[ranges.Length];
            if (ranges.Length == 1)
                chunks[0] = EncodeChunk(tokenizer, texts, pairs, maximumLength, ranges[0]);
            else
                ParallelWork.For(ranges.Length, i => chunks[i] = EncodeChunk(tokenizer, texts, pairs, maximumLength, ranges[i]), cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (ids, rows) in chunks)
            {
                var at = 0;
                foreach (var row in rows)
                {
                    destination.Add(ids.AsSpan(at, row.Count), row.FirstCount, row.Truncated);
                    at += row.Count;
                }
                ArrayPool<int>.Shared.Return(ids);
            }
        }
    }

    /// <summary>
    /// Tokenizes many texts on all cores, in order, with the details that <paramref name="destination"/> keeps and, where asked, further windows over what is
    /// cut off, each a row of its own (<see cref="TokenizedTexts.TextIndex"/> tells whose).
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="pairs">The second texts, or null.</param>
    /// <param name="options">Maximum length, what is cut, and how much each window repeats of the one before it (stride).</param>
    /// <param name="windows">Adds the further windows; otherwise what is cut off is lost, and the texts are counted.</param>
    /// <param name="destination">Receives the rows.</param>
    /// <param name="cancellationToken">Stops the work; <paramref name="destination"/> then has some of the rows.</param>
    /// <exception cref="ArgumentException">As <see cref="PretrainedTokenizer.Encode(string, string?, EncodingOptions?)"/>, or <paramref name="pairs"/> has
    /// another length.</exception>
    public static void EncodeBatch(
        this PretrainedTokenizer tokenizer,
        IReadOnlyList<ReadOnlyMemory<char>> texts,
        IReadOnlyList<ReadOnlyMemory<char>>? pairs,
        EncodingOptions options,
        bool windows,
        TokenizedTexts destination,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(destination);
        Check(tokenizer, texts, pairs, options.MaximumLength ?? int.MaxValue);
        foreach (var ranges in Chunks(texts, pairs).Chunk(Environment.ProcessorCount * 4))
        {
            var chunks = new TokenEncoding[ranges.Length][];
            ParallelWork.For(ranges.Length, i => chunks[i] = [.. Rows(ranges[i]).Select(Encode)], cancellationToken);
            foreach (var encoding in chunks.SelectMany(chunk => chunk))
                destination.Add(windows ? encoding : encoding.WithoutOverflow(), truncated: !windows && encoding.IsTruncated);
        }

        static IEnumerable<int> Rows(Range range) => Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value);

        TokenEncoding Encode(int row)
        {
            var encoding = tokenizer.EncodeRow(texts[row].ToString(), pairs?[row].ToString(), options);
            // Asked for here, so that the cores make them side by side.
            _ = windows ? encoding.Overflow : [];
            return encoding;
        }
    }

    private static void Check(
        PretrainedTokenizer tokenizer,
        IReadOnlyList<ReadOnlyMemory<char>> texts,
        IReadOnlyList<ReadOnlyMemory<char>>? pairs,
        int maximumLength
    )
    {
        if (pairs is not null && pairs.Count != texts.Count)
            throw new ArgumentException($"There are {texts.Count} texts and {pairs.Count} second texts.", nameof(pairs));
        var special = tokenizer.SpecialTokensToAdd(pairs is not null);
        if (maximumLength < special)
            throw new ArgumentOutOfRangeException(nameof(maximumLength), maximumLength, $"At least {special} tokens are needed for the special tokens.");
    }

    /// <summary>Consecutive texts that are worth the work of one core.</summary>
    private static IEnumerable<Range> Chunks(IReadOnlyList<ReadOnlyMemory<char>> texts, IReadOnlyList<ReadOnlyMemory<char>>? pairs)
    {
        for (var next = 0; next < texts.Count; )
        {
            var (first, characters) = (next, 0L);
            while (next < texts.Count && next - first < RowsPerChunk && (next == first || characters < CharactersPerChunk))
            {
                characters += texts[next].Length + (pairs is null ? 0 : pairs[next].Length);
                next++;
            }
            yield return first..next;
        }
    }

    private static (int[] Ids, TokenCount[] Rows) EncodeChunk(
        PretrainedTokenizer tokenizer,
        IReadOnlyList<ReadOnlyMemory<char>> texts,
        IReadOnlyList<ReadOnlyMemory<char>>? pairs,
        int maximumLength,
        Range range
    )
    {
        var (first, count) = range.GetOffsetAndLength(texts.Count);
        var rows = new TokenCount[count];
        var ids = ArrayPool<int>.Shared.Rent(CharactersPerChunk / 2);
        var used = 0;
        for (var row = 0; row < count; row++)
        {
            var text = texts[first + row].Span;
            var pair = pairs is null ? default : pairs[first + row].Span;
            // Room for what nearly every text needs; one that has more tokens is tokenized again, with more room.
            for (var room = text.Length + (long)pair.Length + 16; ; room *= 4)
            {
                var length = (int)Math.Min(maximumLength, Math.Min(Array.MaxLength, room));
                if (ids.Length - used < length)
                    Grow(ref ids, used, length);
                rows[row] = tokenizer.Encode(text, pair, pairs is not null, ids.AsSpan(used, length));
                if (!rows[row].Truncated || length >= Math.Min(maximumLength, Array.MaxLength))
                    break;
            }
            used += rows[row].Count;
        }
        return (ids, rows);
    }

    private static void Grow(ref int[] ids, int used, int room)
    {
        var larger = ArrayPool<int>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(ids.Length * 2L, (long)used + room)));
        ids.AsSpan(0, used).CopyTo(larger);
        ArrayPool<int>.Shared.Return(ids);
        ids = larger;
    }
}
