namespace BertMl.Tokenization;

/// <summary>Counts the time that the regular expressions of a tokenizer take for one text. Some take longer than anyone would wait.</summary>
internal static class PatternClock
{
    /// <summary>One match may take so long. Together with those before it: twice as long.</summary>
    public static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(AllowedAnyway);

    /// <summary>Milliseconds that any text may take.</summary>
    private const long AllowedAnyway = 2500;

    /// <summary>Characters that allow a millisecond more.</summary>
    private const int CharactersOfMillisecond = 100;

    [ThreadStatic]
    private static long _spent;

    [ThreadStatic]
    private static long _more;

    /// <summary>Begins with a text.</summary>
    /// <param name="length">Its characters.</param>
    public static void Begin(int length) => (_spent, _more) = (0, length / CharactersOfMillisecond);

    /// <summary>The present moment.</summary>
    public static long Now => Environment.TickCount64;

    /// <summary>The moment after which the text has taken too long, if all time from a moment on is spent on it.</summary>
    public static long End(long from) => from + AllowedAnyway + _more - _spent;

    /// <summary>Counts the time since a moment.</summary>
    public static void Count(long since) => _spent += Now - since;
}
