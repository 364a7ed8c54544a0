using System.Diagnostics;

namespace BertMl.Benchmarks;

/// <summary>
/// Two ways of doing one thing, timed in turn (A, B, A, B ...), so that whatever else the machine does falls on both. The ratio is taken within each
/// round; medians are reported, for they ignore the round that was disturbed.
/// </summary>
internal sealed record PairedRuns(IReadOnlyList<TimeSpan> First, IReadOnlyList<TimeSpan> Second)
{
    /// <summary>Runs both once unmeasured, then <paramref name="rounds"/> times in turn.</summary>
    public static PairedRuns Measure(Action first, Action second, int rounds)
    {
        first();
        second();
        var times = (First: new List<TimeSpan>(), Second: new List<TimeSpan>());
        for (var round = 0; round < rounds; round++)
        {
            times.First.Add(Time(first));
            times.Second.Add(Time(second));
        }
        return new(times.First, times.Second);
    }

    /// <summary>The median time of the first, in seconds.</summary>
    public double FirstSeconds => Median(First.Select(time => time.TotalSeconds));

    /// <summary>The median time of the second, in seconds.</summary>
    public double SecondSeconds => Median(Second.Select(time => time.TotalSeconds));

    /// <summary>How many times as fast as the second the first is: the median of second / first.</summary>
    public double Speedup => Median(First.Zip(Second, (first, second) => second / first));

    /// <summary>The middle value, or the mean of the middle two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static TimeSpan Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start);
    }
}
