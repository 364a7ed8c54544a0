using System.Buffers;
using System.Globalization;
using System.Text;

namespace BertMl.Tokenization;

/// <summary>A token that is matched in the text before it is split into words: a special token, or one that a user added.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Left out when decoding without special tokens.</param>
/// <param name="Normalized">Matched in the normalized text; otherwise in the text as it stands.</param>
/// <param name="SingleWord">Matched only where no word character touches it.</param>
/// <param name="LeftStrip">Takes the white space before it.</param>
/// <param name="RightStrip">Takes the white space after it.</param>
internal sealed record AddedToken(
    int Id,
    string Content,
    bool Special = true,
    bool Normalized = false,
    bool SingleWord = false,
    bool LeftStrip = false,
    bool RightStrip = false
);

/// <summary>Finds added tokens in a text: leftmost first, the longest of those that begin there.</summary>
internal sealed class AddedTokens
{
    private readonly (AddedToken Token, string Content)[] _longestFirst;
    private readonly SearchValues<char> _firstCharacters;
    private readonly CharacterTable? _characters;

    /// <summary>Prepares the search.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="characters">Normalizes the tokens and the text; null: they are compared as they stand.</param>
    public AddedTokens(IEnumerable<AddedToken> tokens, CharacterTable? characters)
    {
        _characters = characters;
        _longestFirst =
        [
            .. tokens
                .Select(token => (token, Content: Normalize(token.Content)))
                .Where(token => token.Content.Length > 0)
                .OrderByDescending(token => token.Content.Length),
        ];
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
        (id, start, end) = (-1, text.Length, text.Length);
        for (var i = from; _longestFirst.Length > 0 && i < text.Length; i++)
        {
            if (_characters is null)
            {
                var next = text[i..].IndexOfAny(_firstCharacters);
                if (next < 0)
                    return false;
                i += next;
            }
            if (LongestAt(text, i, out var stop) is not { } token)
                continue;
            if (token.SingleWord && ((i > 0 && IsWordCharacter(text[i - 1])) || (stop < text.Length && IsWordCharacter(text[stop]))))
            {
                i = stop - 1;
                continue;
            }
            (id, start, end) = (token.Id, i, stop);
            while (token.LeftStrip && start > from && char.IsWhiteSpace(text[start - 1]))
                start--;
            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
                end++;
            return true;
        }
        return false;
    }

    private static bool IsWordCharacter(char character) =>
        char.IsLetterOrDigit(character)
        || char.GetUnicodeCategory(character)
            is UnicodeCategory.ConnectorPunctuation
                or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.EnclosingMark;

    private AddedToken? LongestAt(ReadOnlySpan<char> text, int index, out int end)
    {
        foreach (var (token, content) in _longestFirst)
        {
            end =
                _characters is not null ? EndOfNormalized(_characters, text, index, content)
                : text[index..].StartsWith(content, StringComparison.Ordinal) ? index + content.Length
                : -1;
            if (end >= 0)
                return token;
        }
        end = -1;
        return null;
    }

    /// <summary>Where the normalized content, found at a position of the text, ends; -1 where it is not there.</summary>
    private static int EndOfNormalized(CharacterTable characters, ReadOnlySpan<char> text, int index, string content)
    {
        Span<char> normalized = stackalloc char[8];
        var at = 0;
        while (at < content.Length && index < text.Length)
        {
            var length = Normalized(characters, text, index, normalized, out var units);
            if ((length == 0 && at == 0) || !content.AsSpan(at).StartsWith(normalized[..length], StringComparison.Ordinal))
                return -1;
            at += length;
            index += units;
        }
        return at == content.Length ? index : -1;
    }

    private static int Normalized(CharacterTable characters, ReadOnlySpan<char> text, int index, Span<char> destination, out int units)
    {
        var codePoint = CharacterTable.CodePointAt(text, index, out units);
        var value = characters[codePoint];
        switch (CharacterTable.Kind(value))
        {
            case CharacterKind.Removed:
                return 0;
            case CharacterKind.Space:
                destination[0] = ' ';
                return 1;
            case CharacterKind.Sequence:
                characters.Sequence(value).CopyTo(destination);
                return characters.Sequence(value).Length;
            default:
                return new Rune(CharacterTable.Replacement(value, codePoint)).EncodeToUtf16(destination);
        }
    }

    private string Normalize(string content)
    {
        if (_characters is null)
            return content;
        var normalized = new StringBuilder();
        Span<char> buffer = stackalloc char[8];
        for (var i = 0; i < content.Length; )
        {
            var length = Normalized(_characters, content, i, buffer, out var units);
            normalized.Append(buffer[..length]);
            i += units;
        }
        return normalized.ToString();
    }
}
