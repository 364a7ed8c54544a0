namespace BertMl.EmbeddingMaps;

/// <summary>
/// How near vectors are to each other, as t-SNE sees it: joint probabilities, which sum to 1 over all pairs, of each vector and its nearest neighbours. Kept as
/// compressed rows.
/// </summary>
internal sealed class Affinities
{
    private Affinities(int[] starts, int[] columns, double[] values) => (Starts, Columns, Values) = (starts, columns, values);

    /// <summary>Where each row starts; one more, for the end.</summary>
    public int[] Starts { get; }

    /// <summary>Which vectors are in a row, ascending.</summary>
    public int[] Columns { get; }

    /// <summary>The joint probabilities.</summary>
    public double[] Values { get; }

    /// <summary>Affinities of a perplexity, over three times as many neighbours.</summary>
    public static Affinities Of(VectorSet vectors, double perplexity)
    {
        var count = Math.Min(vectors.Count - 1, (int)(3 * perplexity + 1));
        var (neighbors, distances) = vectors.NearestNeighbors(count);
        var conditional = new double[distances.Length];
        Parallel.For(0, vectors.Count, i => Conditional(distances.AsSpan(i * count, count), conditional.AsSpan(i * count, count), perplexity));
        return Symmetric(vectors.Count, count, neighbors, conditional);
    }

    // Finds the width of the Gaussian, by halving, whose entropy is that of the perplexity.
    private static void Conditional(ReadOnlySpan<float> distances, Span<double> probabilities, double perplexity)
    {
        const int steps = 100;
        const double tolerance = 1e-5;
        var (precision, lowest, highest) = (1.0, 0.0, double.PositiveInfinity);
        // Only differences of squared distances matter; without the nearest one's, no sum underflows.
        var nearest = (double)distances[0] * distances[0];
        for (var step = 0; step < steps; step++)
        {
            double sum = 0,
                weighted = 0;
            for (var i = 0; i < distances.Length; i++)
            {
                var squared = (double)distances[i] * distances[i] - nearest;
                probabilities[i] = Math.Exp(-squared * precision);
                sum += probabilities[i];
                weighted += squared * probabilities[i];
            }
            for (var i = 0; i < probabilities.Length; i++)
                probabilities[i] /= sum;
            var difference = Math.Log(sum) + precision * weighted / sum - Math.Log(perplexity);
            if (Math.Abs(difference) <= tolerance)
                return;
            if (difference > 0)
                (lowest, precision) = (precision, double.IsInfinity(highest) ? precision * 2 : (precision + highest) / 2);
            else
                (highest, precision) = (precision, (precision + lowest) / 2);
        }
    }

    private static Affinities Symmetric(int rows, int count, int[] neighbors, double[] conditional)
    {
        var entries = new List<(int Column, double Value)>[rows];
        for (var i = 0; i < rows; i++)
            entries[i] = new(2 * count);
        for (var i = 0; i < neighbors.Length; i++)
        {
            entries[i / count].Add((neighbors[i], conditional[i]));
            entries[neighbors[i]].Add((i / count, conditional[i]));
        }
        var starts = new int[rows + 1];
        var (columns, values) = (new List<int>(2 * neighbors.Length), new List<double>(2 * neighbors.Length));
        for (var row = 0; row < rows; row++)
        {
            foreach (var (column, value) in entries[row].OrderBy(entry => entry.Column))
                if (columns.Count > starts[row] && columns[^1] == column)
                    values[^1] += value;
                else
                {
                    columns.Add(column);
                    values.Add(value);
                }
            starts[row + 1] = columns.Count;
        }
        var total = values.Sum();
        return new(starts, [.. columns], [.. values.Select(value => value / total)]);
    }
}
