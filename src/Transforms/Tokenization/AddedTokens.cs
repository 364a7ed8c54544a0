using System.Buffers;

namespace BertMl.Tokenization;

/// <summary>Finds added tokens in a text: leftmost first, the longest of those that begin there. The time does not depend on how many there are.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<int, AddedToken> _tokens = [];
    private readonly PieceTrie _trie;
    private readonly SearchValues<char> _firstCharacters;

    /// <summary>Prepares the search.</summary>
    /// <param name="tokens">The tokens, their ids, and the text that is looked for.</param>
    public AddedTokens(IEnumerable<(AddedToken Token, int Id, string Content)> tokens)
    {
        var contents = new List<string>();
        var ids = new List<int>();
        foreach (var (token, id, content) in tokens.Where(token => token.Content.Length > 0))
        {
            _tokens[id] = token;
            contents.Add(content);
            ids.Add(id);
        }
        _trie = new PieceTrie(contents, ids);
        _firstCharacters = SearchValues.Create([.. contents.Select(content => content[0]).Distinct()]);
    }

    /// <summary>Is there no token to be found?</summary>
    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>The characters of which each token begins with one.</summary>
    public SearchValues<char> FirstCharacters => _firstCharacters;

    /// <summary>The contents as a trie.</summary>
    public PieceTrie Trie => _trie;

    /// <summary>The next added token at or after a position; false where there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="id">Its id.</param>
    /// <param name="start">Where it begins, white space that it takes included.</param>
    /// <param name="end">One past its end.</param>
    public bool TryFind(ReadOnlySpan<char> text, int from, out int id, out int start, out int end)
    {
        (id, start, end) = (-1, text.Length, text.Length);
        for (var i = from; !IsEmpty && i < text.Length; i++)
        {
            var next = text[i..].IndexOfAny(_firstCharacters);
            if (next < 0)
                return false;
            i += next;
            id = _trie.Longest(0, text[i..], out var length);
            if (id < 0)
                continue;
            var token = _tokens[id];
            (start, end) = (i, i + length);
            if (token.SingleWord && (EndsWithWordCharacter(text[..start]) || StartsWithWordCharacter(text[end..])))
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
        return false;
    }

    private static bool StartsWithWordCharacter(ReadOnlySpan<char> text) =>
        !text.IsEmpty && WordCharacters.Contains(CharacterTable.CodePointAt(text, 0, out _));

    private static bool EndsWithWordCharacter(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return false;
        var last = text.Length > 1 && char.IsSurrogatePair(text[^2], text[^1]) ? text.Length - 2 : text.Length - 1;
        return WordCharacters.Contains(CharacterTable.CodePointAt(text, last, out _));
    }
}
