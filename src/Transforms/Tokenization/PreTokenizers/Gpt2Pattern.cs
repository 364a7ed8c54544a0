using System.Globalization;
using System.Runtime.CompilerServices;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>
/// GPT-2's pattern <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c> as a scanner: letters, digits and other characters each
/// with the space before them, contractions, and white space. Every character of a text belongs to exactly one match.
/// </summary>
/// <remarks>Radford et al. 2019 (GPT-2). The categories are those of Unicode 16, in .NET 10 as in tokenizers 0.23.</remarks>
internal static class Gpt2Pattern
{
    private const byte Other = 0,
        Letter = 1,
        Digit = 2,
        Space = 3;

    private static readonly byte[] _kinds = Kinds();

    /// <summary>The end of the match that begins at a position.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">A position within it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int End(ReadOnlySpan<char> text, int start)
    {
        var first = text[start];
        var at = start;
        if (first == ' ' && (uint)(start + 1) < (uint)text.Length)
            at++;
        var kind = _kinds[text[at]];
        if (kind == Letter)
        {
            do at++;
            while ((uint)at < (uint)text.Length && _kinds[text[at]] == Letter);
            return (uint)at < (uint)text.Length && char.IsHighSurrogate(text[at]) ? EndOfRun(text, at, Letter) : at;
        }
        return EndOfOther(text, start, at);
    }

    /// <summary>The end of a match that does not begin with a letter of the Basic Multilingual Plane, behind a space or not.</summary>
    private static int EndOfOther(ReadOnlySpan<char> text, int start, int at)
    {
        var kind = KindAt(text, at, out _);
        if (kind == Space)
            return EndOfSpaces(text, start);
        if (text[start] == '\'' && Contraction(text[(start + 1)..]) is > 0 and var length)
            return start + 1 + length;
        return EndOfRun(text, at, kind);
    }

    private static int EndOfRun(ReadOnlySpan<char> text, int at, byte kind)
    {
        while (at < text.Length && KindAt(text, at, out var units) == kind)
            at += units;
        return at;
    }

    /// <summary>White space up to the last character, which belongs to the match behind it, unless the text ends or it is alone.</summary>
    private static int EndOfSpaces(ReadOnlySpan<char> text, int start)
    {
        var end = start + 1;
        while (end < text.Length && _kinds[text[end]] == Space)
            end++;
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static int Contraction(ReadOnlySpan<char> text) =>
        text switch
        {
            ['s' or 't' or 'm' or 'd', ..] => 1,
            ['r', 'e', ..] or ['v', 'e', ..] or ['l', 'l', ..] => 2,
            _ => 0,
        };

    private static byte KindAt(ReadOnlySpan<char> text, int index, out int units)
    {
        units = 1;
        if (!char.IsHighSurrogate(text[index]) || index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1]))
            return _kinds[text[index]];
        units = 2;
        return Kind(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(text[index], text[index + 1])));
    }

    private static byte[] Kinds()
    {
        var kinds = new byte[char.MaxValue + 1];
        for (var i = 0; i < kinds.Length; i++)
            kinds[i] = char.IsWhiteSpace((char)i) ? Space : Kind(char.GetUnicodeCategory((char)i));
        return kinds;
    }

    private static byte Kind(UnicodeCategory category) =>
        category switch
        {
            <= UnicodeCategory.OtherLetter => Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Digit,
            _ => Other,
        };
}
