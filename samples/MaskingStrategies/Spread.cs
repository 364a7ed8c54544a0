using System.Globalization;

namespace BertMl.Samples;

/// <summary>Mean and sample standard deviation of repeated measurements.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation (of n - 1); null for a single measurement, which tells nothing of it.</param>
internal readonly record struct Spread(double Mean, double? Deviation)
{
    /// <summary>Of values; null where there are none.</summary>
    public static Spread? Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            return null;
        var mean = values.Average();
        return new(mean, values.Count == 1 ? null : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }

    /// <summary>"4.812", or "4.812 ± 0.013".</summary>
    public string ToString(string format) =>
        Mean.ToString(format, CultureInfo.InvariantCulture)
        + (Deviation is { } deviation ? " ± " + deviation.ToString(format, CultureInfo.InvariantCulture) : "");
}
