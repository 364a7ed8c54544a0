namespace BertMl.Metrics;

/// <summary>
/// How well predicted numbers follow the labels (<c>problem_type</c> regression), as GLUE's STS-B is judged. Equal to SciPy's and scikit-learn's.
/// </summary>
/// <param name="Pearson">The linear correlation, from -1 to 1; NaN where labels or predictions are all the same.</param>
/// <param name="Spearman">The correlation of the ranks, from -1 to 1; equal values share the mean of their ranks. NaN as above.</param>
/// <param name="MeanSquaredError">The mean of the squared differences.</param>
public sealed record CorrelationMetrics(double Pearson, double Spearman, double MeanSquaredError)
{
    /// <summary>Compares predictions with labels.</summary>
    /// <param name="labels">The number of each row.</param>
    /// <param name="predictions">The predicted number of each row.</param>
    /// <exception cref="ArgumentException">There are no rows, or the counts differ.</exception>
    public static CorrelationMetrics Compute(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        MetricInputs.CheckRows(labels.Length, predictions.Length);
        var squares = 0.0;
        for (var i = 0; i < labels.Length; i++)
            squares += (labels[i] - predictions[i]) * (labels[i] - predictions[i]);
        return new(Correlation(labels, predictions), Correlation(Ranks(labels), Ranks(predictions)), squares / labels.Length);
    }

    private static double Correlation(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var (meanX, meanY) = (Mean(x), Mean(y));
        var (xy, xx, yy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            var (dx, dy) = (x[i] - meanX, y[i] - meanY);
            (xy, xx, yy) = (xy + dx * dy, xx + dx * dx, yy + dy * dy);
        }
        return Math.Clamp(xy / (Math.Sqrt(xx) * Math.Sqrt(yy)), -1, 1);
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum / values.Length;
    }

    private static double[] Ranks(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        var ranks = new double[sorted.Length];
        for (var start = 0; start < sorted.Length; )
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
                end++;
            foreach (var i in order.AsSpan(start..end))
                ranks[i] = (start + end + 1) / 2.0;
            start = end;
        }
        return ranks;
    }
}
