using BertMl.Batches;
using BertMl.RandomNumbers;
using BertMl.Tokenization;

namespace BertMl.Training;

/// <summary>Some rows of a set.</summary>
internal sealed class TrainingSubset(ITrainingSet set, int[] rows) : ITrainingSet
{
    public int Count => rows.Length;

    public int Length(int row) => set.Length(rows[row]);

    public TrainingLabels Fill(ReadOnlySpan<int> chosen, int epoch, TokenBatch batch)
    {
        var inner = new int[chosen.Length];
        for (var i = 0; i < inner.Length; i++)
            inner[i] = rows[chosen[i]];
        return set.Fill(inner, epoch, batch);
    }

    // Which rows they are follows from seed and fraction.
    public string Fingerprint() => set.Fingerprint();

    /// <summary>Divides a set at random into rows to learn from and rows to validate on, at least one of each.</summary>
    /// <param name="set">The rows, at least two.</param>
    /// <param name="fraction">Part of them to validate on.</param>
    /// <param name="seed">Decides which.</param>
    /// <param name="validationSet">The same rows as they are to be validated on; null: as they are learned from.</param>
    public static (TrainingSubset Training, TrainingSubset Validation) Split(ITrainingSet set, double fraction, ulong seed, ITrainingSet? validationSet = null)
    {
        var order = Enumerable.Range(0, set.Count).ToArray();
        new CounterRandom(CounterRandom.Key(seed, ulong.MaxValue)).Shuffle(order.AsSpan());
        var validation = Math.Clamp((int)Math.Round(set.Count * fraction), 1, set.Count - 1);
        return (new(set, order[validation..]), new(validationSet ?? set, order[..validation]));
    }
}
