using Microsoft.ML.Runtime;

namespace BertMl.DataView;

/// <summary>Counts the texts that were cut to the maximum length, and says so in the log when a pass over the data ends. Thread-safe.</summary>
internal sealed class TruncationCounter(IHost host, int maximumLength)
{
    private long _texts;
    private long _truncated;
    private long _reported;

    /// <summary>Texts that were cut so far.</summary>
    public long Count => Interlocked.Read(ref _truncated);

    public void Add(int texts, int truncated)
    {
        Interlocked.Add(ref _texts, texts);
        if (truncated > 0)
            Interlocked.Add(ref _truncated, truncated);
    }

    /// <summary>Writes a warning if more texts were cut since the last one.</summary>
    public void Report()
    {
        var truncated = Count;
        if (Interlocked.Exchange(ref _reported, truncated) == truncated)
            return;
        using var channel = host.Start("Truncation");
        channel.Warning(
            MessageSensitivity.None,
            "{0} of {1} texts so far were longer than {2} tokens and were cut",
            truncated,
            Interlocked.Read(ref _texts),
            maximumLength
        );
    }
}
