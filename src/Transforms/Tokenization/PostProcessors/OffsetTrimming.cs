namespace BertMl.Tokenization.PostProcessors;

/// <summary>Leaves the white space around byte-level tokens out of their offsets, as tokenizers' ByteLevel and RobertaProcessing.</summary>
/// <param name="AddPrefixSpace">Does the pre-tokenizer put a space before the text? That one is not in the text, so it is not trimmed.</param>
internal sealed record OffsetTrimming(bool AddPrefixSpace)
{
    /// <summary>The offsets of a token without the white space.</summary>
    /// <param name="token">The token.</param>
    /// <param name="offsets">Its offsets.</param>
    /// <param name="isFirst">Is it the first of its text, or of a window?</param>
    public Range Trim(string token, Range offsets, bool isFirst)
    {
        var (start, end) = (offsets.Start.Value, offsets.End.Value);
        var leading = token.TakeWhile(IsSpace).Count();
        var trailing = token.Reverse().TakeWhile(IsSpace).Count();
        if (leading == 1 && AddPrefixSpace && (isFirst || start == 0))
            leading = 0;
        start = Math.Min(start + leading, end);
        if (trailing > 0 && end >= trailing)
            end = Math.Max(end - trailing, start);
        return start..end;
    }

    private static bool IsSpace(char character) => character == ByteCharacters.Space || char.IsWhiteSpace(character);
}
