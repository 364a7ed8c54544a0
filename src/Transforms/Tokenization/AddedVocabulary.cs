using BertMl.Files;
using BertMl.Tokenization.Models;

namespace BertMl.Tokenization;

/// <summary>The added tokens of a tokenizer and their ids, given as tokenizers gives them: that of the model's vocabulary, or the next free one.</summary>
/// <param name="vocabulary">The model's vocabulary.</param>
/// <param name="source">Named in errors.</param>
internal sealed class AddedVocabulary(Vocabulary vocabulary, string source)
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, AddedToken> _tokens = [];
    private readonly SortedDictionary<int, AddedToken> _inFile = [];
    private readonly HashSet<string> _special = new(StringComparer.Ordinal);

    /// <summary>The tokens by id.</summary>
    public IReadOnlyDictionary<int, AddedToken> Tokens => _tokens;

    /// <summary>The tokens by id, as files have them: what was special once stays so.</summary>
    public IEnumerable<(int Id, AddedToken Token)> ToWrite => _tokens.Select(pair => (pair.Key, pair.Value with { Special = IsSpecial(pair.Value.Content) }));

    /// <summary>The tokens by the id that a file gives them, which may be another: see <see cref="Add"/>.</summary>
    public IReadOnlyDictionary<int, AddedToken> InFile => _inFile;

    /// <summary>One more than the largest id, that of the model's tokens included.</summary>
    public int Size => Math.Max(vocabulary.Size, _tokens.Count == 0 ? 0 : _tokens.Keys.Last() + 1);

    /// <summary>Is a token left out when decoding without special tokens?</summary>
    public bool IsSpecial(string content) => _special.Contains(content);

    /// <summary>Has a token of this text been added?</summary>
    public bool Contains(string content) => _ids.ContainsKey(content);

    /// <summary>Id of a token, added or of the model.</summary>
    public int? Find(string content) => _ids.TryGetValue(content, out var id) || vocabulary.TryGetId(content, out id) ? id : null;

    /// <summary>Adds tokens. One that was added before gets the new flags.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="idInFile">The id that the file gives to a token, or null. It is taken where tokenizers' own choice is the id of another token
    /// already.</param>
    /// <exception cref="InvalidDataException">The id that is next is another token's, as can be where the vocabulary has holes.</exception>
    public void Add(IEnumerable<AddedToken> tokens, Func<AddedToken, int?>? idInFile = null)
    {
        var next = _tokens.Count == 0 ? vocabulary.Count : Math.Max(_tokens.Keys.Last() + 1, vocabulary.Count);
        foreach (var token in tokens)
        {
            if (token.Content.Length == 0)
                continue;
            var inFile = idInFile?.Invoke(token);
            var id = Find(token.Content) ?? Free(token, next++, inFile);
            _inFile[inFile ?? id] = token;
            _ids[token.Content] = id;
            _tokens[id] = token;
            if (token.Special)
                _special.Add(token.Content);
        }
    }

    private int Free(AddedToken token, int next, int? inFile)
    {
        if (Owner(next) is not { } owner)
            return next;
        return inFile is { } id && Owner(id) is null
            ? id
            : throw new InvalidDataException(
                $"{source}: added token '{Excerpt.Of(token.Content)}' would have id {next}, which token '{Excerpt.Of(owner)}' has: the ids of the "
                    + "vocabulary have holes."
            );

        string? Owner(int candidate) =>
            _tokens.TryGetValue(candidate, out var added) ? added.Content
            : (uint)candidate < (uint)vocabulary.Size ? vocabulary[candidate]
            : null;
    }
}
