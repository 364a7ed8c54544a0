using System.Buffers;
using System.Globalization;

namespace BertMl.Tokenization;

/// <summary>A token that is matched in the text as it stands, before normalization: a special token, or one that a user added.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Left out when decoding without special tokens.</param>
/// <param name="Normalized">Matched in the normalized text instead.</param>
/// <param name="SingleWord">Matched only where no word character touches it.</param>
/// <param name="LeftStrip">Takes the white space before it.</param>
/// <param name="RightStrip">Takes the white space after it.</param>
internal sealed record AddedToken(int Id, string Content, bool Special = true, bool Normalized = false, bool SingleWord = false, bool LeftStrip = false, bool RightStrip = false);

/// <summary>Finds added tokens in a text: leftmost first, the longest of those that begin there.</summary>
internal sealed class AddedTokens
{
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<char> _firstCharacters;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _longestFirst = [.. tokens.Where(token => token.Content.Length > 0).OrderByDescending(token => token.Content.Length)];
        _firstCharacters = SearchValues.Create([.. _longestFirst.Select(token => token.Content[0]).Distinct()]);
    }

    /// <summary>The next added token at or after a position; false where there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="id">Its id.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="end">One past its end.</param>
    public bool TryFind(ReadOnlySpan<char> text, int from, out int id, out int start, out int end)
    {
        for (var i = from; ; i++)
        {
            var next = text[i..].IndexOfAny(_firstCharacters);
            if (next < 0)
            {
                (id, start, end) = (-1, text.Length, text.Length);
                return false;
            }
            i += next;
            if (LongestAt(text, i) is not { } token)
                continue;
            (id, start, end) = (token.Id, i, i + token.Content.Length);
            if (token.SingleWord && ((start > 0 && IsWordCharacter(text[start - 1])) || (end < text.Length && IsWordCharacter(text[end]))))
            {
                i = end - 1;
                continue;
            }
            while (token.LeftStrip && start > from && char.IsWhiteSpace(text[start - 1]))
                start--;
            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
                end++;
            return true;
        }
    }

    private static bool IsWordCharacter(char character) =>
        char.IsLetterOrDigit(character) || char.GetUnicodeCategory(character) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private AddedToken? LongestAt(ReadOnlySpan<char> text, int index)
    {
        foreach (var token in _longestFirst)
        {
            if (text[index..].StartsWith(token.Content, StringComparison.Ordinal))
                return token;
        }
        return null;
    }
}
