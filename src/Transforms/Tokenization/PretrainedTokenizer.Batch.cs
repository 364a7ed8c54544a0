using System.Buffers;
using BertMl.Batches;

namespace BertMl.Tokenization;

public sealed partial class PretrainedTokenizer
{
    private const int CharactersPerChunk = 1 << 17;
    private const int RowsPerChunk = 4096;

    /// <summary>Tokenizes many texts on all cores, in order, appending to <paramref name="destination"/>.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="pairs">The second texts, or null.</param>
    /// <param name="maxLength">Tokens a row at most, special tokens included.</param>
    /// <param name="destination">Receives the rows.</param>
    /// <param name="cancellationToken">Stops the work; <paramref name="destination"/> then has some of the rows.</param>
    /// <exception cref="ArgumentException"><paramref name="pairs"/> has another length, or <paramref name="maxLength"/> is too short for the special tokens.</exception>
    public void EncodeBatch(
        IReadOnlyList<ReadOnlyMemory<char>> texts,
        IReadOnlyList<ReadOnlyMemory<char>>? pairs,
        int maxLength,
        TokenizedTexts destination,
        CancellationToken cancellationToken = default
    )
    {
        if (pairs is not null && pairs.Count != texts.Count)
            throw new ArgumentException($"There are {texts.Count} texts and {pairs.Count} second texts.", nameof(pairs));
        var special = pairs is null ? 2 : 3;
        if (maxLength < special)
            throw new ArgumentOutOfRangeException(nameof(maxLength), maxLength, $"At least {special} tokens are needed for the special tokens.");
        var chunks = new Chunk[Environment.ProcessorCount * 4];
        for (var next = 0; next < texts.Count; )
        {
            var count = 0;
            for (; count < chunks.Length && next < texts.Count; count++)
            {
                var first = next;
                var characters = 0L;
                while (next < texts.Count && next - first < RowsPerChunk && (next == first || characters < CharactersPerChunk))
                {
                    characters += texts[next].Length + (pairs is null ? 0 : pairs[next].Length);
                    next++;
                }
                chunks[count] = new Chunk(first, next);
            }
            if (count == 1)
                EncodeChunk(texts, pairs, maxLength, ref chunks[0]);
            else
                Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, i => EncodeChunk(texts, pairs, maxLength, ref chunks[i]));
            cancellationToken.ThrowIfCancellationRequested();
            foreach (ref var chunk in chunks.AsSpan(0, count))
                chunk.MoveTo(destination);
        }
    }

    private void EncodeChunk(IReadOnlyList<ReadOnlyMemory<char>> texts, IReadOnlyList<ReadOnlyMemory<char>>? pairs, int maxLength, ref Chunk chunk)
    {
        var rows = new TokenCount[chunk.End - chunk.First];
        var ids = ArrayPool<int>.Shared.Rent(CharactersPerChunk / 2);
        var used = 0;
        for (var row = chunk.First; row < chunk.End; row++)
        {
            var text = texts[row].Span;
            var pair = pairs is null ? default : pairs[row].Span;
            var room = (int)Math.Min(maxLength, Math.Min(Array.MaxLength, (long)MaximumTokens(text.Length) + MaximumTokens(pair.Length) + 3));
            if (ids.Length - used < room)
            {
                var larger = ArrayPool<int>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(ids.Length * 2L, (long)used + room)));
                ids.AsSpan(0, used).CopyTo(larger);
                ArrayPool<int>.Shared.Return(ids);
                ids = larger;
            }
            var count = Encode(text, pair, pairs is not null, ids.AsSpan(used, room));
            rows[row - chunk.First] = count;
            used += count.Count;
        }
        (chunk.Ids, chunk.Rows) = (ids, rows);
    }

    /// <summary>Consecutive texts that one core tokenizes, and their tokens.</summary>
    private record struct Chunk(int First, int End)
    {
        public int[] Ids { get; set; } = [];

        public TokenCount[] Rows { get; set; } = [];

        public readonly void MoveTo(TokenizedTexts destination)
        {
            var at = 0;
            foreach (var row in Rows)
            {
                destination.Add(Ids.AsSpan(at, row.Count), row.FirstCount, row.Truncated);
                at += row.Count;
            }
            ArrayPool<int>.Shared.Return(Ids);
        }
    }
}
