using System.Diagnostics;

namespace BertMl.Benchmarks;

/// <summary>Seconds that something takes.</summary>
internal static class Timing
{
    /// <summary>The least of several times: that of the run that others disturbed least.</summary>
    public static double Best(int rounds, Action action)
    {
        var best = double.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
