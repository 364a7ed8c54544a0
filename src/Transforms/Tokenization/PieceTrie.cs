using System.Numerics;
using System.Runtime.CompilerServices;

namespace BertMl.Tokenization;

/// <summary>The vocabulary as a trie over UTF-16 units, its edges in one hash table of 8-byte slots: from (24 bits), unit (16 bits), to (24 bits).</summary>
internal sealed class PieceTrie
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private const int MaximumNodes = 1 << 24;
    private readonly ulong[] _slots;
    private readonly int _shift;
    private readonly int[] _ids;

    /// <summary>Makes a trie.</summary>
    /// <param name="tokens">The tokens; null ones are left out.</param>
    /// <param name="tokenIds">Their ids; null: their places.</param>
    /// <exception cref="InvalidDataException">They are too many.</exception>
    public PieceTrie(IReadOnlyList<string?> tokens, IReadOnlyList<int>? tokenIds = null)
    {
        var characters = tokens.Sum(token => (long)(token?.Length ?? 0));
        if (characters >= MaximumNodes)
            throw new InvalidDataException($"The vocabulary has {characters:N0} characters in all; at most {MaximumNodes - 1:N0} are supported.");
        var bits = Math.Max(4, BitOperations.Log2((uint)characters + 1) + 1);
        (_slots, _shift) = (new ulong[1 << bits], 64 - bits);
        var ids = new List<int> { -1 };
        for (var place = 0; place < tokens.Count; place++)
        {
            var node = 0;
            foreach (var unit in tokens[place] ?? "")
            {
                var next = Next(node, unit);
                if (next == 0)
                {
                    next = ids.Count;
                    ids.Add(-1);
                    Add(node, unit, next);
                }
                node = next;
            }
            if (tokens[place] is not null)
                ids[node] = tokenIds?[place] ?? place;
        }
        _ids = [.. ids];
    }

    /// <summary>The node that a text leads to from the root, or -1.</summary>
    public int Find(ReadOnlySpan<char> text)
    {
        var node = 0;
        foreach (var unit in text)
        {
            node = Next(node, unit);
            if (node == 0)
                return -1;
        }
        return node;
    }

    /// <summary>Id of the token that ends at a node, or -1.</summary>
    public int IdAt(int node) => node < 0 ? -1 : _ids[node];

    /// <summary>The longest token that a text begins with, below a node.</summary>
    /// <param name="node">Where to begin: the root (0), or the node of the continuation prefix.</param>
    /// <param name="text">The rest of a word.</param>
    /// <param name="length">How many units of it the token takes; 0 where there is none.</param>
    /// <returns>Id of the token, or -1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Longest(int node, ReadOnlySpan<char> text, out int length)
    {
        var id = -1;
        length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            node = Next(node, text[i]);
            if (node == 0)
                break;
            var here = _ids[node];
            if (here >= 0)
                (id, length) = (here, i + 1);
        }
        return id;
    }

    /// <summary>The node that a unit leads to from another, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int node, char unit)
    {
        var key = ((ulong)node << 16) | unit;
        var slots = _slots;
        for (var i = (int)((key * Multiplier) >> _shift); ; i = (i + 1) & (slots.Length - 1))
        {
            var slot = slots[i];
            if (slot >> 24 == key && slot != 0)
                return (int)(slot & (MaximumNodes - 1));
            if (slot == 0)
                return 0;
        }
    }

    private void Add(int node, char unit, int next)
    {
        var key = ((ulong)node << 16) | unit;
        var i = (int)((key * Multiplier) >> _shift);
        while (_slots[i] != 0)
            i = (i + 1) & (_slots.Length - 1);
        _slots[i] = (key << 24) | (uint)next;
    }
}
