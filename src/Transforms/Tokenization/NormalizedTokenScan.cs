using System.Buffers;

namespace BertMl.Tokenization;

/// <summary>
/// Tells at once that a text, as it stands, has none of the added tokens that are matched in normalized text, so that the faster ways, which normalize while
/// they tokenize, may be taken. It may say yes where there is none, never no where there is one.
/// </summary>
internal sealed class NormalizedTokenScan
{
    private readonly AddedTokens _tokens;
    private readonly CharacterTable? _characters;
    private readonly SearchValues<char> _candidates;

    /// <summary>Prepares the look.</summary>
    /// <param name="tokens">The tokens, by their normalized content.</param>
    /// <param name="characters">What BERT's normalizer does to each character; null: there is no normalizer.</param>
    public NormalizedTokenScan(AddedTokens tokens, CharacterTable? characters)
    {
        (_tokens, _characters) = (tokens, characters);
        _candidates = characters is null ? tokens.FirstCharacters : SearchValues.Create([.. Candidates(characters)]);
    }

    /// <summary>May the text have such a token?</summary>
    public bool MayContain(ReadOnlySpan<char> text)
    {
        if (_tokens.IsEmpty)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i..].IndexOfAny(_candidates);
            if (next < 0)
                return false;
            i += next;
            if (MayBeginAt(text, i))
                return true;
        }
        return false;
    }

    /// <summary>The characters of which the normalized form may have the first character of a token.</summary>
    private IEnumerable<char> Candidates(CharacterTable characters)
    {
        for (var unit = 0; unit <= char.MaxValue; unit++)
        {
            var value = characters[unit];
            var isCandidate =
                char.IsSurrogate((char)unit)
                || CharacterTable.Kind(value) switch
                {
                    CharacterKind.Removed => false,
                    CharacterKind.Sequence => characters.Sequence(value).AsSpan().ContainsAny(_tokens.FirstCharacters),
                    CharacterKind.Space => _tokens.FirstCharacters.Contains(' ') || _tokens.FirstCharacters.Contains((char)unit),
                    _ => (CharacterTable.IsChinese(unit) && _tokens.FirstCharacters.Contains(' '))
                        || _tokens.FirstCharacters.Contains((char)CharacterTable.Replacement(value, unit)),
                };
            if (isCandidate)
                yield return (char)unit;
        }
    }

    private bool MayBeginAt(ReadOnlySpan<char> text, int index)
    {
        if (_characters is null)
            return _tokens.Trie.Longest(0, text[index..], out _) >= 0;
        for (var node = 0; index < text.Length; index++)
        {
            var unit = text[index];
            var value = _characters[unit];
            switch (CharacterTable.Kind(value))
            {
                case CharacterKind.Removed:
                    continue;
                case CharacterKind.Word or CharacterKind.Isolated when !char.IsSurrogate(unit) && !CharacterTable.IsChinese(unit):
                    node = _tokens.Trie.Next(node, (char)CharacterTable.Replacement(value, unit));
                    break;
                default:
                    return true;
            }
            if (node == 0)
                return false;
            if (_tokens.Trie.IdAt(node) >= 0)
                return true;
        }
        return false;
    }
}
