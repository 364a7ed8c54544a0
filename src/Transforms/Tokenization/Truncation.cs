namespace BertMl.Tokenization;

/// <summary>What is cut when a text, or a pair of texts, has too many tokens; Hugging Face's names.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer of the two; where both are too long, each gets half, the odd token going to the longer (to the second where they are equal).</summary>
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
}
