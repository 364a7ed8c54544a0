using BertMl.RandomNumbers;

namespace BertMl.Training;

/// <summary>
/// Which rows go together in a batch. Rows of like length do, so that little is wasted on padding; as Hugging Face's group_by_length, rows are
/// shuffled, cut into mega-batches of 50 batches, and sorted by length within each. The batches are then shuffled, so that the learning curve does
/// not go from long to short; only the very first batch of a training holds the longest row: what does not fit into memory fails at once.
/// </summary>
internal static class LengthGroupedBatches
{
    private const int BatchesInMegaBatch = 50;

    /// <summary>The batches of an epoch, each row in exactly one.</summary>
    /// <param name="set">The rows.</param>
    /// <param name="batchSize">Rows of a batch; one batch may have fewer.</param>
    /// <param name="groupByLength">false: batches of the shuffled rows as they come.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public static RowBatches ForTraining(ITrainingSet set, int batchSize, bool groupByLength, ulong seed, int epoch)
    {
        var random = new CounterRandom(CounterRandom.Key(seed, (ulong)epoch));
        var order = Enumerable.Range(0, set.Count).ToArray();
        random.Shuffle(order.AsSpan());
        var batches = new RowBatches(order, batchSize);
        if (!groupByLength)
            return batches;
        foreach (var megaBatch in Chunks(order, checked(batchSize * BatchesInMegaBatch)))
            SortByLength(set, megaBatch.Span);
        random.Shuffle(batches.Order);
        if (epoch == 0)
        {
            // Rows are sorted within a batch: the first is its longest.
            var longest = Enumerable.Range(0, batches.Count).MaxBy(i => set.Length(batches[i][0]));
            (batches.Order[0], batches.Order[longest]) = (batches.Order[longest], batches.Order[0]);
        }
        return batches;
    }

    /// <summary>Batches for evaluation: all rows by length.</summary>
    public static RowBatches ForEvaluation(ITrainingSet set, int batchSize)
    {
        var order = Enumerable.Range(0, set.Count).ToArray();
        SortByLength(set, order);
        return new(order, batchSize);
    }

    private static IEnumerable<Memory<int>> Chunks(int[] items, int size)
    {
        for (var start = 0; start < items.Length; start += size)
            yield return items.AsMemory(start, Math.Min(size, items.Length - start));
    }

    // Longest first; rows of equal length stay in order.
    private static void SortByLength(ITrainingSet set, Span<int> rows)
    {
        var keys = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            keys[i] = ((long)-set.Length(rows[i]) << 32) + i;
        keys.AsSpan().Sort(rows);
    }
}
