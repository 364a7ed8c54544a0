using System.Diagnostics;

namespace BertMl.Training;

/// <summary>Says now and then how far a phase is that takes long; one that is over sooner says nothing.</summary>
/// <param name="log">Receives lines for people.</param>
/// <param name="interval">Time between two of them; null (the default): 10 s.</param>
internal sealed class PhaseProgress(Action<string> log, TimeSpan? interval = null)
{
    private readonly TimeSpan _interval = interval ?? TimeSpan.FromSeconds(10);
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Logs a line where it is time for one.</summary>
    /// <param name="line">Makes the line.</param>
    public void Report(Func<FormattableString> line)
    {
        if (_watch.Elapsed < _interval)
            return;
        _watch.Restart();
        log(FormattableString.Invariant(line()));
    }
}
