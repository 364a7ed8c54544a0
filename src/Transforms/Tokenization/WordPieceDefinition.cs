using System.Globalization;

namespace BertMl.Tokenization;

/// <summary>All that a tokenizer is made of: what its files say.</summary>
/// <param name="Tokens">Token of each id; those of the WordPiece model first, then those added to it.</param>
/// <param name="ModelSize">How many of them are of the WordPiece model.</param>
/// <param name="AddedTokens">Tokens matched in the text as they stand, special tokens among them.</param>
/// <param name="Options">How text is treated.</param>
internal sealed record WordPieceDefinition(IReadOnlyList<string> Tokens, int ModelSize, IReadOnlyList<AddedToken> AddedTokens, WordPieceOptions Options)
{
    /// <summary>A vocabulary whose special tokens are those that the options name.</summary>
    /// <param name="tokens">Token of each id.</param>
    /// <param name="added">Further tokens, by content, that were added to it.</param>
    /// <param name="options">How text is treated.</param>
    /// <param name="source">Named in errors.</param>
    public static WordPieceDefinition Create(IReadOnlyList<string> tokens, IEnumerable<AddedToken> added, WordPieceOptions options, string source)
    {
        var further = added.OrderBy(token => token.Id).ToList();
        string[] all = [.. tokens, .. further.Where(token => token.Id >= tokens.Count).Select(token => token.Content)];
        var ids = Index(all, source);
        foreach (var token in further)
        {
            if (!ids.TryGetValue(token.Content, out var id) || id != token.Id)
                throw new InvalidDataException(
                    $"{source}: added token '{token.Content}' has id {token.Id}; ids of added tokens must follow those of the vocabulary ({tokens.Count} tokens) without a gap."
                );
        }
        string?[] special = [options.PadToken, options.UnkToken, options.ClsToken, options.SepToken, options.MaskToken];
        var listed = further.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        var named = special.OfType<string>().Where(ids.ContainsKey).Distinct(StringComparer.Ordinal).Where(content => !listed.Contains(content));
        return new WordPieceDefinition(all, tokens.Count, [.. further, .. named.Select(content => new AddedToken(ids[content], content))], options);
    }

    /// <summary>Id of each token.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="source">Named in the error where a token occurs twice.</param>
    public static Dictionary<string, int> Index(IReadOnlyList<string> tokens, string source)
    {
        var ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        for (var id = 0; id < tokens.Count; id++)
        {
            if (!ids.TryAdd(tokens[id], id))
                throw new InvalidDataException(
                    string.Create(CultureInfo.InvariantCulture, $"{source}: token '{tokens[id]}' occurs twice, as id {ids[tokens[id]]} and as id {id}.")
                );
        }
        return ids;
    }
}
