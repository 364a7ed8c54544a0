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

    /// <summary>The next added token; false where there is none.</summary>
    /// <remarks>
    /// As in tokenizers, tokens are looked for in the text as it stands: white space that a token takes may itself be a token, which is found all the same.
    /// Parts of the text overlap then, or come again.
    /// </remarks>
    /// <param name="text">The text.</param>
    /// <param name="from">The end of the token before, white space included; what is before it is not taken once more.</param>
    /// <param name="search">How far the text has been looked at; default at first.</param>
    /// <param name="id">Its id.</param>
    /// <param name="start">Where it begins, white space that it takes included; may be before <paramref name="from"/>.</param>
    /// <param name="end">One past its end, white space included.</param>
    public bool TryFind(ReadOnlySpan<char> text, int from, ref AddedTokenSearch search, out int id, out int start, out int end)
    {
        (id, start, end) = (-1, text.Length, text.Length);
        while (!IsEmpty && search.Next < text.Length)
        {
            var next = text[search.Next..].IndexOfAny(_firstCharacters);
            if (next < 0)
                return false;
            start = search.Next + next;
            id = _trie.Longest(0, text[start..], out var length);
            end = start + length;
            search.Next = id < 0 ? start + 1 : end;
            if (id < 0)
                continue;
            var token = _tokens[id];
            if (token.SingleWord && (EndsWithWordCharacter(text[..start]) || StartsWithWordCharacter(text[end..])))
                continue;
            if (token.LeftStrip)
                start = StartOfSpace(text, from, start);
            if (token.RightStrip)
                end = search.SpaceEnd = EndOfSpace(text, Math.Max(end, search.SpaceEnd));
            // Empty where it is white space itself that the token before has taken.
            if (start < end)
                return true;
        }
        return false;
    }

    private static int StartOfSpace(ReadOnlySpan<char> text, int from, int start)
    {
        while (start > from && char.IsWhiteSpace(text[start - 1]))
            start--;
        return Math.Max(start, from);
    }

    private static int EndOfSpace(ReadOnlySpan<char> text, int end)
    {
        while (end < text.Length && char.IsWhiteSpace(text[end]))
            end++;
        return end;
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

/// <summary>How far a text has been looked at for added tokens.</summary>
internal struct AddedTokenSearch
{
    /// <summary>Where the next token may begin.</summary>
    public int Next;

    /// <summary>The end of white space that a token has taken; there is nothing else from that token to here.</summary>
    public int SpaceEnd;
}
