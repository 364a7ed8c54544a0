using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace BertMl.Tokenization.Models;

/// <summary>A piece of a word that is being joined: its id, and how many characters (or bytes) of the word it takes.</summary>
internal record struct Symbol(int Id, int Length);

/// <summary>
/// The merges of a byte-pair vocabulary, by pair, in one hash table; and their application to a word: again and again the neighbours whose merge has the lowest
/// rank are joined, the leftmost of those that are equal.
/// </summary>
/// <remarks>Sennrich et al. 2016 (arXiv:1508.07909).</remarks>
internal sealed class BytePairMerges
{
    /// <summary>
    /// Up to so many symbols the lowest rank is found by looking at all of them; beyond, by a heap, so that time does not grow with the square of the length.
    /// </summary>
    private const int LongWord = 128;

    private const int NoMerge = int.MaxValue;
    private readonly Slot[] _slots;
    private readonly int _shift;

    /// <summary>Builds the table.</summary>
    /// <param name="merges">The two ids of each merge and the id of what they make, by rank. Of a pair that occurs twice the later rank holds, as in
    /// tokenizers.</param>
    public BytePairMerges(IReadOnlyList<(int Left, int Right, int Merged)> merges)
    {
        var bits = BitOperations.Log2((uint)Math.Max(8, merges.Count)) + 2;
        (_slots, _shift) = (new Slot[1 << bits], 64 - bits);
        Array.Fill(_slots, new Slot(ulong.MaxValue, NoMerge, -1));
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right, merged) = merges[rank];
            _slots[IndexOf(Key(left, right))] = new Slot(Key(left, right), rank, merged);
        }
    }

    /// <summary>Joins the symbols of a word, in place.</summary>
    /// <param name="symbols">The symbols; those that remain stand at the beginning afterwards.</param>
    /// <returns>How many remain.</returns>
    [SkipLocalsInit]
    public int Apply(Span<Symbol> symbols)
    {
        if (symbols.Length > LongWord)
            return ApplyToLongWord(symbols);
        Span<int> ranks = stackalloc int[LongWord];
        var count = symbols.Length;
        for (var i = 0; i + 1 < count; i++)
            ranks[i] = Find(symbols[i].Id, symbols[i + 1].Id).Rank;
        while (count > 1)
        {
            var (best, rank) = (0, ranks[0]);
            for (var i = 1; i < count - 1; i++)
            {
                if (ranks[i] < rank)
                    (best, rank) = (i, ranks[i]);
            }
            if (rank == NoMerge)
                break;
            symbols[best] = Join(symbols[best], symbols[best + 1]);
            count--;
            symbols[(best + 2)..(count + 1)].CopyTo(symbols[(best + 1)..]);
            ranks[(best + 1)..count].CopyTo(ranks[best..]);
            if (best > 0)
                ranks[best - 1] = Find(symbols[best - 1].Id, symbols[best].Id).Rank;
            if (best + 1 < count)
                ranks[best] = Find(symbols[best].Id, symbols[best + 1].Id).Rank;
        }
        return count;
    }

    /// <summary>The same by a heap of pairs and a linked list of symbols. An entry whose symbols have changed since is stale, and skipped.</summary>
    private int ApplyToLongWord(Span<Symbol> symbols)
    {
        var length = symbols.Length;
        var links = ArrayPool<int>.Shared.Rent(length * 2);
        var next = links.AsSpan(0, length);
        var previous = links.AsSpan(length, length);
        var heap = new PriorityQueue<(int At, int Left, int Right), (int Rank, int At)>(length);
        for (var i = 0; i < length; i++)
            (next[i], previous[i]) = (i + 1, i - 1);
        for (var i = 0; i + 1 < length; i++)
            Enqueue(heap, symbols, i, i + 1);
        while (heap.TryDequeue(out var pair, out _))
        {
            var at = pair.At;
            var right = next[at];
            if (symbols[at].Id != pair.Left || right >= length || symbols[right].Id != pair.Right)
                continue;
            symbols[at] = Join(symbols[at], symbols[right]);
            symbols[right].Id = -1;
            next[at] = next[right];
            if (next[at] < length)
            {
                previous[next[at]] = at;
                Enqueue(heap, symbols, at, next[at]);
            }
            if (at > 0)
                Enqueue(heap, symbols, previous[at], at);
        }
        var count = 0;
        for (var i = 0; i < length; i = next[i])
            symbols[count++] = symbols[i];
        ArrayPool<int>.Shared.Return(links);
        return count;
    }

    private void Enqueue(PriorityQueue<(int At, int Left, int Right), (int Rank, int At)> heap, Span<Symbol> symbols, int at, int next)
    {
        var (left, right) = (symbols[at].Id, symbols[next].Id);
        var rank = Find(left, right).Rank;
        if (rank != NoMerge)
            heap.Enqueue((at, left, right), (rank, at));
    }

    private Symbol Join(Symbol left, Symbol right) => new(Find(left.Id, right.Id).Merged, left.Length + right.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref readonly Slot Find(int left, int right) => ref _slots[IndexOf(Key(left, right))];

    /// <summary>Where a pair stands in the table or, where it does not, the empty slot that ends the search.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(ulong key)
    {
        var slots = _slots;
        var i = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (slots[i].Key != key && slots[i].Key != ulong.MaxValue)
            i = (i + 1) & (slots.Length - 1);
        return i;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    /// <summary>A merge: its pair of ids, its rank, and the id of what it makes.</summary>
    private readonly record struct Slot(ulong Key, int Rank, int Merged);
}
