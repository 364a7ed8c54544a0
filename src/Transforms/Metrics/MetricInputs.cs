namespace BertMl.Metrics;

/// <summary>Checks that all metrics make of what they are given.</summary>
internal static class MetricInputs
{
    /// <exception cref="ArgumentException">There are no rows, or the counts differ.</exception>
    public static void CheckRows(int labels, int predictions)
    {
        if (labels != predictions)
            throw new ArgumentException($"There are {labels} labels and {predictions} predictions; expected as many.");
        if (labels == 0)
            throw new ArgumentException("There are no rows to evaluate.");
    }

    /// <exception cref="ArgumentException">The values are not whole rows.</exception>
    public static int RowsOf(int values, int width, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        return values % width == 0 ? values / width : throw new ArgumentException($"{values} values are not rows of {width}.", parameter);
    }
}
