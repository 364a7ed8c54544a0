using System.Diagnostics;

namespace BertMl.Training;

/// <summary>How fast a run learns, and how long it will take. Time spent on validation is told apart.</summary>
internal sealed class TrainingClock
{
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly Stopwatch _evaluating = new();
    private long _tokens,
        _rows;
    private int _steps,
        _evaluations;

    public TimeSpan Elapsed => _elapsed.Elapsed;

    public double TokensPerSecond => _tokens / Learning.TotalSeconds;

    public double RowsPerSecond => _rows / Learning.TotalSeconds;

    // Never 0: it divides.
    private TimeSpan Learning => new(Math.Max(1, (_elapsed.Elapsed - _evaluating.Elapsed).Ticks));

    /// <summary>Counts a step.</summary>
    public void Add(int rows, long tokens)
    {
        _rows += rows;
        _tokens += tokens;
        _steps++;
    }

    /// <summary>Counts an evaluation, which lasts until the result is disposed.</summary>
    public Evaluation Evaluating()
    {
        _evaluations++;
        _evaluating.Start();
        return new(_evaluating);
    }

    /// <summary>Time for so many more steps and evaluations.</summary>
    public TimeSpan Remaining(int steps, int evaluations) =>
        Learning / Math.Max(1, _steps) * steps + _evaluating.Elapsed / Math.Max(1, _evaluations) * evaluations;

    public readonly ref struct Evaluation(Stopwatch watch)
    {
        public void Dispose() => watch.Stop();
    }
}
