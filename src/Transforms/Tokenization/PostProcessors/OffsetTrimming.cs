namespace BertMl.Tokenization.PostProcessors;

/// <summary>Leaves the white space around byte-level tokens out of their offsets, as tokenizers' ByteLevel and RobertaProcessing.</summary>
/// <param name="AddPrefixSpace">Does the pre-tokenizer put a space before the text? That one is not in the text, so it is not trimmed.</param>
internal sealed record OffsetTrimming(bool AddPrefixSpace)
{
    /// <summary>The offsets of a token without the white space.</summary>
    /// <param name="space">The white space around the token.</param>
    /// <param name="offsets">Its offsets.</param>
    /// <param name="text">The text that they are of; null where none of its characters takes two units.</param>
    /// <param name="isFirst">Is it the first of its text, or of a window?</param>
    public Range Trim(SurroundingSpace space, Range offsets, string? text, bool isFirst)
    {
        var (start, end) = (offsets.Start.Value, offsets.End.Value);
        var leading = space.Leading == 1 && AddPrefixSpace && (isFirst || start == 0) ? 0 : space.Leading;
        start = Math.Min(Forward(text, start, leading), end);
        if (space.Trailing > 0 && Back(text, end, space.Trailing) is >= 0 and var before)
            end = Math.Max(before, start);
        return start..end;
    }

    /// <summary>The position some characters further on.</summary>
    private static int Forward(string? text, int at, int characters)
    {
        if (text is null)
            return at + characters;
        for (; characters > 0 && at < text.Length; characters--)
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        return at;
    }

    /// <summary>The position some characters before; negative where there are not so many.</summary>
    private static int Back(string? text, int at, int characters)
    {
        if (text is null)
            return at - characters;
        for (; characters > 0 && at > 0; characters--)
            at -= at > 1 && char.IsSurrogatePair(text[at - 2], text[at - 1]) ? 2 : 1;
        return at - characters;
    }
}

/// <summary>How many characters at the beginning and at the end of a token are white space, or stand for a space.</summary>
internal readonly record struct SurroundingSpace(int Leading, int Trailing)
{
    /// <summary>That of a token.</summary>
    public static SurroundingSpace Of(ReadOnlySpan<char> token)
    {
        var (leading, trailing) = (0, 0);
        while (leading < token.Length && IsSpace(token[leading]))
            leading++;
        while (trailing < token.Length && IsSpace(token[^(trailing + 1)]))
            trailing++;
        return new(leading, trailing);
    }

    private static bool IsSpace(char character) => character == ByteCharacters.Space || char.IsWhiteSpace(character);
}
