namespace BertMl.EmbeddingMaps;

/// <summary>Do the classes cluster? In numbers, equal to scikit-learn's.</summary>
public static class ClusterMetrics
{
    /// <summary>
    /// The mean silhouette (Rousseeuw 1987), from -1 to 1: near 1 where each vector is much nearer to its own class than to any other, near 0 where classes
    /// overlap. Euclidean distances; a vector that is alone in its class counts 0. As <c>sklearn.metrics.silhouette_score</c>.
    /// </summary>
    /// <param name="vectors">The vectors; those of the model rather than points of a map.</param>
    /// <param name="labels">The class of each.</param>
    /// <exception cref="ArgumentException">The counts differ, there is one class only, or each vector is a class of its own.</exception>
    public static double Silhouette(IReadOnlyList<float[]> vectors, IReadOnlyList<string> labels)
    {
        var (set, classes) = Check(vectors, labels);
        var sizes = classes.CountBy(index => index).OrderBy(pair => pair.Key).Select(pair => pair.Value).ToArray();
        if (sizes.Length < 2 || sizes.Length == set.Count)
            throw new ArgumentException($"The silhouette needs 2 to {set.Count - 1} classes of {set.Count} vectors; there are {sizes.Length}.", nameof(labels));
        var values = new double[set.Count];
        Parallel.For(
            0,
            set.Count,
            () => new float[set.Count],
            (i, _, distances) =>
            {
                set.Distances(i, distances);
                var sums = new double[sizes.Length];
                for (var j = 0; j < set.Count; j++)
                    sums[classes[j]] += distances[j];
                values[i] = Silhouette(sums, sizes, classes[i]);
                return distances;
            },
            _ => { }
        );
        return values.Average();
    }

    /// <summary>
    /// How often the most frequent class among a vector's nearest others is its own. Euclidean distances; of equally frequent classes, the first by ordinal
    /// order. As scikit-learn's <c>KNeighborsClassifier</c> under <c>LeaveOneOut</c>.
    /// </summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="labels">The class of each.</param>
    /// <param name="neighbors">How many neighbours vote.</param>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many other vectors.</exception>
    public static double NearestNeighborAccuracy(IReadOnlyList<float[]> vectors, IReadOnlyList<string> labels, int neighbors = 5)
    {
        var (set, classes) = Check(vectors, labels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(neighbors);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(neighbors, set.Count);
        var (indices, _) = set.NearestNeighbors(neighbors);
        var votes = indices.Select(index => classes[index]).Chunk(neighbors);
        return votes.Select((vote, i) => Winner(vote) == classes[i] ? 1.0 : 0).Average();
    }

    private static double Silhouette(double[] sums, int[] sizes, int own)
    {
        if (sizes[own] == 1)
            return 0;
        var within = sums[own] / (sizes[own] - 1);
        var nearest = Enumerable.Range(0, sizes.Length).Where(other => other != own).Min(other => sums[other] / sizes[other]);
        var greater = Math.Max(within, nearest);
        return greater > 0 ? (nearest - within) / greater : 0;
    }

    private static int Winner(int[] votes) => votes.CountBy(vote => vote).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;

    // Classes become numbers in ordinal order.
    private static (VectorSet Vectors, int[] Classes) Check(IReadOnlyList<float[]> vectors, IReadOnlyList<string> labels)
    {
        var set = VectorSet.Of(vectors);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count != set.Count)
            throw new ArgumentException($"There are {set.Count} vectors and {labels.Count} labels.", nameof(labels));
        var names = labels.Distinct().Order(StringComparer.Ordinal).Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
        return (set, [.. labels.Select(label => names[label])]);
    }
}
