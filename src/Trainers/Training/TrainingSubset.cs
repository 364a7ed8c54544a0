using BertMl.Batches;
using BertMl.RandomNumbers;
using BertMl.Tokenization;

namespace BertMl.Training;

/// <summary>Some rows of a set.</summary>
internal sealed class TrainingSubset(ITrainingSet set, ReadOnlyMemory<int> rows) : ITrainingSet
{
    private const string OneRow = "The training data has one row only, of which no part can be held out to validate on.";

    public int Count => rows.Length;

    public int Length(int row) => set.Length(rows.Span[row]);

    public TrainingLabels Fill(ReadOnlySpan<int> chosen, int epoch, TokenBatch batch)
    {
        var inner = new int[chosen.Length];
        for (var i = 0; i < inner.Length; i++)
            inner[i] = rows.Span[chosen[i]];
        return set.Fill(inner, epoch, batch);
    }

    public IValidation? Validate() => set.Validate() is { } validation ? new SubsetValidation(validation, rows) : null;

    // Which rows they are follows from seed, fraction and limit.
    public string Fingerprint() => set.Fingerprint();

    /// <summary>Divides a set at random into rows to learn from and rows to validate on, at least one of each.</summary>
    /// <param name="set">The rows, at least two.</param>
    /// <param name="fraction">Part of them to validate on.</param>
    /// <param name="seed">Decides which.</param>
    /// <param name="validationSet">The same rows as they are to be validated on; null: as they are learned from.</param>
    /// <param name="maximum">The most rows to validate on.</param>
    /// <exception cref="InvalidOperationException">There is one row only.</exception>
    public static (TrainingSubset Training, TrainingSubset Validation) Split(
        ITrainingSet set,
        double fraction,
        ulong seed,
        ITrainingSet? validationSet = null,
        int maximum = int.MaxValue
    )
    {
        if (set.Count < 2)
            throw new InvalidOperationException(OneRow);
        var order = Shuffled(set, seed);
        var validation = Math.Clamp((int)Math.Round(set.Count * fraction), 1, Math.Min(maximum, set.Count - 1));
        return (new(set, order.AsMemory(validation)), new(validationSet ?? set, order.AsMemory(0, validation)));
    }

    /// <summary>Divides a set at random by groups of rows, such as the windows of a text, which stay together.</summary>
    /// <param name="set">The rows, of at least two groups.</param>
    /// <param name="group">The group of a row.</param>
    /// <param name="fraction">Part of the groups to validate on.</param>
    /// <param name="seed">Decides which.</param>
    /// <exception cref="InvalidOperationException">There is one group only.</exception>
    public static (TrainingSubset Training, TrainingSubset Validation) Split(ITrainingSet set, Func<int, int> group, double fraction, ulong seed)
    {
        var groups = Enumerable.Range(0, set.Count).Select(group).Distinct().ToArray();
        if (groups.Length < 2)
            throw new InvalidOperationException(OneRow);
        new CounterRandom(CounterRandom.Key(seed, ulong.MaxValue)).Shuffle(groups.AsSpan());
        var count = Math.Clamp((int)Math.Round(groups.Length * fraction), 1, groups.Length - 1);
        var heldOut = groups[..count].ToHashSet();
        var rows = Enumerable.Range(0, set.Count).ToLookup(row => heldOut.Contains(group(row)));
        return (new(set, rows[false].ToArray()), new(set, rows[true].ToArray()));
    }

    /// <summary>Rows of a set chosen at random; all of them where there are no more than wanted.</summary>
    /// <param name="set">The rows.</param>
    /// <param name="maximum">The most rows wanted.</param>
    /// <param name="seed">Decides which.</param>
    public static ITrainingSet Sample(ITrainingSet set, int maximum, ulong seed) =>
        set.Count <= maximum ? set : new TrainingSubset(set, Shuffled(set, seed)[..maximum]);

    private sealed class SubsetValidation(IValidation validation, ReadOnlyMemory<int> rows) : IValidation
    {
        public void Add(ReadOnlySpan<int> chosen, IReadOnlyDictionary<string, float[]> outputs)
        {
            var inner = new int[chosen.Length];
            for (var i = 0; i < inner.Length; i++)
                inner[i] = rows.Span[chosen[i]];
            validation.Add(inner, outputs);
        }

        public IEnumerable<(string Name, double Value)> Compute() => validation.Compute();
    }

    private static int[] Shuffled(ITrainingSet set, ulong seed)
    {
        var order = Enumerable.Range(0, set.Count).ToArray();
        new CounterRandom(CounterRandom.Key(seed, ulong.MaxValue)).Shuffle(order.AsSpan());
        return order;
    }
}
