using System.Globalization;

namespace BertMl.Tokenization;

/// <summary>Unicode's word characters (\w): Alphabetic, marks, decimal digits, connector punctuation, and the two joiners.</summary>
/// <remarks>Unicode Technical Standard 18, annex C. .NET's \w lacks some of them, and sees no character beyond U+FFFF.</remarks>
internal static class WordCharacters
{
    /// <summary>Is a code point a word character?</summary>
    public static bool Contains(int codePoint) =>
        CharUnicodeInfo.GetUnicodeCategory(codePoint)
            is <= UnicodeCategory.EnclosingMark
                or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.LetterNumber
                or UnicodeCategory.ConnectorPunctuation
        // The joiners, and the symbols that are Alphabetic: letters in circles and squares.
        || codePoint
            is 0x200C
                or 0x200D
                or (>= 0x24B6 and <= 0x24E9)
                or (>= 0x1F130 and <= 0x1F149)
                or (>= 0x1F150 and <= 0x1F169)
                or (>= 0x1F170 and <= 0x1F189);
}
