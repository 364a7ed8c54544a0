using System.Runtime.InteropServices;

namespace BertMl.Tokenization.Learning;

/// <summary>
/// Joins, again and again, the two neighbouring pieces that stand together most often: byte-pair encoding, which is how Hugging Face's WordPieceTrainer learns.
/// Of equally frequent pairs the one with the smaller ids is first, so the outcome depends on the words alone.
/// </summary>
internal sealed class PieceMerger
{
    private readonly int[] _pieces;
    private readonly (int Start, int Length, long Count)[] _words;
    private readonly int[] _lastMerge;
    private readonly Dictionary<ulong, Pair> _pairs = [];
    private readonly PriorityQueue<ulong, (long NegativeCount, ulong Key)> _queue = new();
    private readonly List<ulong> _grown = [];
    private int _merges;

    /// <summary>Counts the pairs.</summary>
    /// <param name="words">Each word as ids of its characters, and its count.</param>
    public PieceMerger(IReadOnlyList<(int[] Pieces, long Count)> words)
    {
        _pieces = [.. words.SelectMany(word => word.Pieces)];
        _words = new (int, int, long)[words.Count];
        _lastMerge = new int[words.Count];
        var start = 0;
        for (var word = 0; word < words.Count; word++)
        {
            var (pieces, count) = words[word];
            _words[word] = (start, pieces.Length, count);
            start += pieces.Length;
            for (var i = 0; i + 1 < pieces.Length; i++)
                Change(pieces[i], pieces[i + 1], count, word);
        }
        Enqueue();
    }

    /// <summary>The most frequent pair; false where none is left.</summary>
    public bool TryPeek(out int left, out int right, out long count)
    {
        while (_queue.TryPeek(out var key, out var priority))
        {
            (left, right, count) = ((int)(key >> 32), (int)(uint)key, _pairs[key].Count);
            if (count == -priority.NegativeCount)
                return true;
            _queue.Dequeue();
            if (count > 0)
                _queue.Enqueue(key, (-count, key));
        }
        (left, right, count) = (0, 0, 0);
        return false;
    }

    /// <summary>Makes one piece of every occurrence of two.</summary>
    public void Merge(int left, int right, int merged)
    {
        _merges++;
        foreach (var word in _pairs[Key(left, right)].Words)
        {
            if (_lastMerge[word] == _merges)
                continue;
            _lastMerge[word] = _merges;
            MergeIn(word, left, right, merged);
        }
        _pairs[Key(left, right)] = new Pair(0, []);
        Enqueue();
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private void MergeIn(int word, int left, int right, int merged)
    {
        var (start, length, count) = _words[word];
        var pieces = _pieces.AsSpan(start, length);
        var kept = 0;
        for (var i = 0; i < length; i++)
        {
            if (i + 1 == length || pieces[i] != left || pieces[i + 1] != right)
            {
                pieces[kept++] = pieces[i];
                continue;
            }
            if (kept > 0)
            {
                Change(pieces[kept - 1], left, -count, word);
                Change(pieces[kept - 1], merged, count, word);
            }
            if (i + 2 < length)
            {
                Change(right, pieces[i + 2], -count, word);
                Change(merged, pieces[i + 2], count, word);
            }
            pieces[kept++] = merged;
            i++;
        }
        _words[word].Length = kept;
    }

    private void Change(int left, int right, long count, int word)
    {
        var key = Key(left, right);
        ref var pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, key, out var exists);
        if (!exists)
            pair = new Pair(0, []);
        pair.Count += count;
        if (count <= 0)
            return;
        if (pair.Words.Count == 0 || pair.Words[^1] != word)
            pair.Words.Add(word);
        if (pair.GrownAt != _merges + 1)
            _grown.Add(key);
        pair.GrownAt = _merges + 1;
    }

    private void Enqueue()
    {
        foreach (var key in _grown)
            _queue.Enqueue(key, (-_pairs[key].Count, key));
        _grown.Clear();
    }

    /// <summary>How often two pieces stand together, in which words they did, and after which merge the count last grew.</summary>
    private record struct Pair(long Count, List<int> Words)
    {
        public int GrownAt { get; set; }
    }
}
