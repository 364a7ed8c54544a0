namespace BertMl.Metrics;

/// <summary>Between which values an accuracy lies, as far as so many rows can tell.</summary>
/// <param name="Lower">The least value, 0 to 1.</param>
/// <param name="Upper">The greatest value, 0 to 1.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper)
{
    private const double StandardErrorsOf95Percent = 1.959963984540054;

    /// <summary>
    /// The 95 % interval of a share by Wilson's score (Wilson 1927): unlike the share plus and minus two standard errors, it never leaves 0 to 1 and is right
    /// for few rows too.
    /// </summary>
    /// <param name="correct">Rows that are right.</param>
    /// <param name="count">All rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no rows, or the right ones are fewer than none or more than all.</exception>
    public static ConfidenceInterval Wilson(long correct, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, count);
        const double z2 = StandardErrorsOf95Percent * StandardErrorsOf95Percent;
        var share = (double)correct / count;
        var middle = (share + z2 / (2 * count)) / (1 + z2 / count);
        var half = StandardErrorsOf95Percent * Math.Sqrt(share * (1 - share) / count + z2 / (4.0 * count * count)) / (1 + z2 / count);
        return new(Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}
