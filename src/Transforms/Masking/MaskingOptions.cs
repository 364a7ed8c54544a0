namespace BertMl.Masking;

/// <summary>Which tokens are chosen to be predicted.</summary>
public enum MaskingStrategy
{
    /// <summary>Each token by itself (Devlin et al. 2018).</summary>
    Uniform,

    /// <summary>Whole words: all pieces of a word or none (whole word masking of BERT's later checkpoints).</summary>
    WholeWord,

    /// <summary>Runs of whole words, their number drawn from a geometric distribution (SpanBERT, Joshi et al. 2020).</summary>
    Span,
}

/// <summary>Masking for masked language modelling: which tokens are chosen, and what each chosen one becomes. The three shares must add up to 1.</summary>
public sealed record MaskingOptions
{
    private const double Tolerance = 1e-9;

    /// <summary>Which tokens are chosen. Default: each by itself.</summary>
    public MaskingStrategy Strategy { get; init; } = MaskingStrategy.Uniform;

    /// <summary>Part of the tokens that is chosen, between 0 and 1. Special tokens are never chosen and do not count. Default 0.15.</summary>
    public double Rate { get; init; } = 0.15;

    /// <summary>Part of the chosen tokens that becomes [MASK]. Default 0.8.</summary>
    public double MaskShare { get; init; } = 0.8;

    /// <summary>Part of the chosen tokens that becomes a random token, never a special one. Default 0.1.</summary>
    public double RandomShare { get; init; } = 0.1;

    /// <summary>Part of the chosen tokens that stays as it is. Default 0.1.</summary>
    public double KeepShare { get; init; } = 0.1;

    /// <summary>Of spans: the probability that a span ends after each word. Default 0.2, as in SpanBERT.</summary>
    public double SpanEndProbability { get; init; } = 0.2;

    /// <summary>Of spans: words of a span at most; longer ones are drawn again. Default 10, as in SpanBERT, which makes 3.8 words a span.</summary>
    public int MaximumSpanLength { get; init; } = 10;

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range; it is named.</exception>
    internal void Check()
    {
        Require(Enum.IsDefined(Strategy), nameof(Strategy), Strategy, "a known strategy");
        Require(Rate is > 0 and < 1, nameof(Rate), Rate, "greater than 0 and less than 1");
        foreach (var (name, share) in ((string, double)[])[(nameof(MaskShare), MaskShare), (nameof(RandomShare), RandomShare), (nameof(KeepShare), KeepShare)])
            Require(share is >= 0 and <= 1, name, share, "from 0 to 1");
        var sum = MaskShare + RandomShare + KeepShare;
        Require(Math.Abs(sum - 1) < Tolerance, $"{nameof(MaskShare)} + {nameof(RandomShare)} + {nameof(KeepShare)}", sum, "1");
        Require(SpanEndProbability is > 0 and <= 1, nameof(SpanEndProbability), SpanEndProbability, "greater than 0 and at most 1");
        Require(MaximumSpanLength is >= 1 and <= 1000, nameof(MaximumSpanLength), MaximumSpanLength, "from 1 to 1,000");
    }

    private static void Require(bool condition, string name, object value, string expected)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(name, value, $"The masking option {name} must be {expected}.");
    }
}
