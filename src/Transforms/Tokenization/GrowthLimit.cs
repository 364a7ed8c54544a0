namespace BertMl.Tokenization;

/// <summary>How long a text may become. Sections that replace, one after the other, could make it as long as they like.</summary>
internal static class GrowthLimit
{
    private const int Times = 100;
    private const int More = 1 << 22;

    /// <summary>The most characters that sections may make of a text: far more than normalization, which makes 18 of one at most, ever needs.</summary>
    /// <param name="length">Characters of the text.</param>
    public static long Of(long length) => (Times * length) + More;

    /// <summary>Checks a length.</summary>
    /// <param name="length">Characters that there are now, or would be.</param>
    /// <param name="limit">What <see cref="Of"/> says.</param>
    /// <param name="sections">The sections, for the message.</param>
    /// <exception cref="InvalidOperationException">There are more than may be.</exception>
    public static void Check(long length, long limit, string sections)
    {
        if (length > limit)
        {
            throw new InvalidOperationException(
                $"The {sections} of the tokenizer makes the text longer than {limit:N0} characters, which is {Times} times its length and {More:N0} more."
            );
        }
    }
}
