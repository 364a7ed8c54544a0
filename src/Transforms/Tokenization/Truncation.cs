namespace BertMl.Tokenization;

/// <summary>What is cut when a text, or a pair of texts, has too many tokens; Hugging Face's names.</summary>
public enum TruncationStrategy
{
    /// <summary>
    /// The longer of the two; where both are too long, each gets half, the odd token going to the longer (to the second where they are equal).
    /// </summary>
    LongestFirst,

    /// <summary>Only the first text; refused where that is not enough.</summary>
    OnlyFirst,

    /// <summary>Only the second text; refused where that is not enough or there is none.</summary>
    OnlySecond,

    /// <summary>Nothing.</summary>
    DoNotTruncate,
}

/// <summary>Hugging Face's truncation, as its Rust library does it.</summary>
internal static class Truncation
{
    /// <summary>How many tokens of each of two texts are kept.</summary>
    /// <param name="first">Tokens of the first text.</param>
    /// <param name="second">Tokens of the second text.</param>
    /// <param name="budget">Tokens that fit, special tokens not counted.</param>
    public static (int First, int Second) LongestFirst(int first, int second, int budget)
    {
        if ((long)first + second <= budget)
            return (first, second);
        var (shorter, longer) = first <= second ? (first, second) : (second, first);
        longer = shorter > budget ? shorter : Math.Max(shorter, budget - shorter);
        if ((long)shorter + longer > budget)
            (shorter, longer) = (budget / 2, budget - (budget / 2));
        return first <= second ? (shorter, longer) : (longer, shorter);
    }

    /// <summary>How many tokens of each text are kept.</summary>
    /// <param name="strategy">What may be cut.</param>
    /// <param name="first">Tokens of the first text.</param>
    /// <param name="second">Tokens of the second text, or null.</param>
    /// <param name="budget">Tokens that fit, special tokens not counted.</param>
    /// <exception cref="ArgumentException">Cutting what may be cut is not enough.</exception>
    public static (int First, int Second) Kept(TruncationStrategy strategy, int first, int? second, int budget)
    {
        var remove = first + (second ?? 0) - budget;
        if (remove <= 0 || strategy == TruncationStrategy.DoNotTruncate)
            return (first, second ?? 0);
        switch (strategy)
        {
            case TruncationStrategy.LongestFirst:
                return second is null ? (budget, 0) : LongestFirst(first, second.Value, budget);
            case TruncationStrategy.OnlyFirst:
                return first > remove ? (first - remove, second ?? 0) : throw TooShort("first", first, remove);
            default:
                if (second is null)
                    throw new ArgumentException("Only the second text may be truncated, and there is none.");
                return second > remove ? (first, second.Value - remove) : throw TooShort("second", second.Value, remove);
        }
    }

    /// <summary>
    /// Windows over a text's tokens: the first is what is kept, each next one begins stride tokens before the end of the last. Where the beginning is cut, the
    /// first window is at the end of the text, and each next one ends stride tokens behind the beginning of the last.
    /// </summary>
    /// <exception cref="ArgumentException">The stride is not shorter than the window.</exception>
    public static IEnumerable<(int Start, int End)> Windows(int count, int length, int stride, bool fromEnd)
    {
        if (length >= count)
            return [(0, count)];
        if (length == 0)
            return [(0, 0), (0, count)];
        if (stride >= length)
            throw new ArgumentException($"A stride of {stride} tokens needs windows that are longer; {length} tokens of the text fit in each.");
        var windows = 1 + ((count - length + length - stride - 1) / (length - stride));
        return Enumerable
            .Range(0, windows)
            .Select(i => i * (length - stride))
            .Select(start => (Start: start, End: Math.Min(count, start + length)))
            .Select(window => fromEnd ? (count - window.End, count - window.Start) : window);
    }

    private static ArgumentException TooShort(string which, int tokens, int remove) =>
        new($"{remove} tokens are too many, and the {which} text, the only one that may be truncated, has {tokens}; it must keep at least one.");
}
