using System.Text;

namespace BertMl.Tokenization.Learning;

/// <summary>All ways to split a word into pieces, with their scores. Reused from word to word; not for several threads at once.</summary>
/// <param name="trie">The pieces.</param>
/// <param name="scores">The logarithm of each piece's probability.</param>
internal sealed class UnigramLattice(PieceTrie trie, double[] scores)
{
    /// <summary>A character that is no piece scores so much less than the worst piece.</summary>
    private const double UnknownPenalty = 10;

    private readonly double _unknownScore = scores.DefaultIfEmpty().Min() - UnknownPenalty;
    private readonly List<Edge> _edges = [];
    private double[] _forward = new double[64];
    private double[] _backward = new double[64];
    private int[] _best = new int[64];
    private int _length;

    /// <summary>Finds the pieces in a word.</summary>
    public void Build(ReadOnlySpan<char> word)
    {
        _edges.Clear();
        _length = word.Length;
        for (var start = 0; start < word.Length; )
        {
            Rune.DecodeFromUtf16(word[start..], out _, out var first);
            var hasCharacter = false;
            var node = 0;
            for (var end = start; end < word.Length; )
            {
                node = trie.Next(node, word[end++]);
                if (node == 0)
                    break;
                if (trie.IdAt(node) is >= 0 and var id)
                {
                    _edges.Add(new Edge(start, end, id, scores[id]));
                    hasCharacter |= end - start == first;
                }
            }
            if (!hasCharacter)
                _edges.Add(new Edge(start, start + first, -1, _unknownScore));
            start += first;
        }
        if (_length >= _forward.Length)
            (_forward, _backward, _best) = (new double[_length * 2], new double[_length * 2], new int[_length * 2]);
    }

    /// <summary>Adds how often each piece is expected in the word, over all ways to split it, times a count (forward and backward sums).</summary>
    public void AddExpectedCounts(double count, double[] sums)
    {
        Array.Fill(_forward, double.NegativeInfinity, 0, _length + 1);
        Array.Fill(_backward, double.NegativeInfinity, 0, _length + 1);
        _forward[0] = _backward[_length] = 0;
        foreach (var edge in _edges)
            _forward[edge.End] = LogSum(_forward[edge.End], _forward[edge.Start] + edge.Score);
        for (var i = _edges.Count - 1; i >= 0; i--)
            _backward[_edges[i].Start] = LogSum(_backward[_edges[i].Start], _backward[_edges[i].End] + _edges[i].Score);
        foreach (var edge in _edges)
        {
            if (edge.Id >= 0)
                sums[edge.Id] += count * Math.Exp(_forward[edge.Start] + edge.Score + _backward[edge.End] - _forward[_length]);
        }
    }

    /// <summary>Adds a count to each piece of the best way to split the word.</summary>
    public void AddBestPath(double count, double[] sums)
    {
        foreach (var id in BestPath(withoutWhole: false) ?? [])
        {
            if (id >= 0)
                sums[id] += count;
        }
    }

    /// <summary>The ids of the best way to split the word, -1 for characters that are no piece; null where there is none.</summary>
    /// <param name="withoutWhole">Leaves out the piece that is the whole word.</param>
    public int[]? BestPath(bool withoutWhole)
    {
        Array.Fill(_forward, double.NegativeInfinity, 1, _length);
        _forward[0] = 0;
        for (var i = 0; i < _edges.Count; i++)
        {
            var edge = _edges[i];
            if ((withoutWhole && edge.End - edge.Start == _length) || _forward[edge.Start] + edge.Score <= _forward[edge.End])
                continue;
            (_forward[edge.End], _best[edge.End]) = (_forward[edge.Start] + edge.Score, i);
        }
        if (double.IsNegativeInfinity(_forward[_length]))
            return null;
        var path = new List<int>();
        for (var end = _length; end > 0; end = _edges[_best[end]].Start)
            path.Add(_edges[_best[end]].Id);
        path.Reverse();
        return [.. path];
    }

    private static double LogSum(double a, double b)
    {
        var (smaller, larger) = a < b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(smaller) ? larger : larger + Math.Log(1 + Math.Exp(smaller - larger));
    }

    /// <summary>A piece at a place of the word.</summary>
    private readonly record struct Edge(int Start, int End, int Id, double Score);
}
