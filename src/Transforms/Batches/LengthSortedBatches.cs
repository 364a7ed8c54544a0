using BertMl.Tokenization;

namespace BertMl.Batches;

/// <summary>
/// Which rows are computed together: rows of like length, so that next to nothing is padding, and no more tokens than pay. Reused, without allocating.
/// </summary>
internal sealed class LengthSortedBatches
{
    private readonly List<Range> _batches = [];
    private int[] _order = [],
        _lengths = [];

    /// <summary>Number of batches.</summary>
    public int Count => _batches.Count;

    /// <summary>Rows of a batch, the longest first.</summary>
    public ReadOnlySpan<int> this[int batch] => _order.AsSpan()[_batches[batch]];

    /// <summary>Divides all rows into batches, the longest first: their memory is enough for all, and the last to be finished are the short ones.</summary>
    /// <param name="texts">The rows.</param>
    /// <param name="tokens">Tokens of a batch at most, padding included; a single row may have more.</param>
    public void Divide(TokenizedTexts texts, int tokens)
    {
        var count = texts.Count;
        if (_order.Length < count)
            (_order, _lengths) = (new int[count], new int[count]);
        for (var i = 0; i < count; i++)
            (_order[i], _lengths[i]) = (i, -texts.Length(i));
        _lengths.AsSpan(0, count).Sort(_order.AsSpan(0, count));
        _batches.Clear();
        for (var start = 0; start < count; )
        {
            var rows = Math.Clamp(tokens / Math.Max(1, -_lengths[start]), 1, count - start);
            _batches.Add(start..(start + rows));
            start += rows;
        }
    }
}
