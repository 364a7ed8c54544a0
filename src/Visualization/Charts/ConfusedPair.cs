namespace BertMl.Charts;

/// <summary>A class that is taken for another.</summary>
/// <param name="True">The true class.</param>
/// <param name="Predicted">The class that is predicted.</param>
/// <param name="Count">How often.</param>
/// <param name="Total">Number of rows of the true class.</param>
public sealed record ConfusedPair(string True, string Predicted, double Count, double Total)
{
    /// <summary>The pairs of a confusion matrix that are confused most often.</summary>
    /// <param name="classes">Names of the classes.</param>
    /// <param name="counts">[true class][predicted class].</param>
    /// <param name="pairs">The largest number of pairs.</param>
    public static IReadOnlyList<ConfusedPair> MostFrequent(IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<double>> counts, int pairs = 5)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(counts);
        return
        [
            .. (
                from row in Enumerable.Range(0, classes.Count)
                from column in Enumerable.Range(0, classes.Count)
                where row != column && counts[row][column] > 0
                orderby counts[row][column] descending
                select new ConfusedPair(classes[row], classes[column], counts[row][column], counts[row].Sum())
            ).Take(pairs),
        ];
    }
}
