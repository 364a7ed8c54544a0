namespace BertMl.Training;

/// <summary>Rows in batches of equal size, of which the last may be smaller: four bytes a row, and four a batch.</summary>
/// <param name="rows">The rows, batch by batch.</param>
/// <param name="size">Rows of a batch.</param>
internal sealed class RowBatches(int[] rows, int size)
{
    private readonly int[] _order = [.. Enumerable.Range(0, (rows.Length + size - 1) / size)];

    /// <summary>The order of the batches, by their place among the rows.</summary>
    public Span<int> Order => _order;

    /// <summary>Number of batches.</summary>
    public int Count => _order.Length;

    /// <summary>The rows of a batch.</summary>
    public ReadOnlySpan<int> this[int batch] => At(_order[batch]);

    /// <summary>The rows of the batch at a place.</summary>
    public ReadOnlySpan<int> At(int place) => rows.AsSpan(place * size, Math.Min(size, rows.Length - place * size));
}
