namespace BertMl.Tokenization;

public sealed partial class PretrainedTokenizer
{
    /// <summary>Tokenizes a text, or a pair of texts, with everything that is known of each token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text, or null.</param>
    /// <param name="options">Maximum length, truncation, windows; null: no limit.</param>
    /// <exception cref="ArgumentException">The maximum length has no room for the special tokens, the stride is negative or not shorter than a window, or
    /// cutting only the text that may be cut is not enough.</exception>
    public TokenEncoding Encode(string text, string? pair = null, EncodingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new EncodingOptions();
        var special =
            !options.AddSpecialTokens ? 0
            : pair is null ? 2
            : 3;
        if (options.MaxLength < special)
            throw new ArgumentException($"A maximum length of {options.MaxLength} has no room for the {special} special tokens.", nameof(options));
        if (options.Stride < 0)
            throw new ArgumentException($"The stride is {options.Stride}; expected 0 or more.", nameof(options));
        var first = Tokenize(text);
        var second = pair is null ? null : Tokenize(pair);
        var kept = options.MaxLength is { } max
            ? Truncation.Kept(options.Truncation, first.Count, second?.Count, max - special)
            : (First: first.Count, Second: second?.Count ?? 0);
        TokenSpan[] firstWindows = [.. Windows(first, kept.First)];
        TokenSpan[] secondWindows = second is null ? [] : [.. Windows(second, kept.Second)];
        if (second is null)
            return new TokenEncoding(this, firstWindows.AsSpan(0, 1), options.AddSpecialTokens)
            {
                Overflow = [.. firstWindows.Skip(1).Select(window => new TokenEncoding(this, [window], options.AddSpecialTokens))],
            };
        // The order of Hugging Face: every further window of the first text with every window of the second, then the first with the further ones of the second.
        var overflow = from a in firstWindows.Skip(1) from b in secondWindows select new TokenEncoding(this, [a, b], options.AddSpecialTokens);
        var rest = from b in secondWindows.Skip(1) select new TokenEncoding(this, [firstWindows[0], b], options.AddSpecialTokens);
        return new TokenEncoding(this, [firstWindows[0], secondWindows[0]], options.AddSpecialTokens) { Overflow = [.. overflow, .. rest] };

        IEnumerable<TokenSpan> Windows(TokenList tokens, int length) =>
            Truncation.Windows(tokens.Count, length, options.Stride).Select(window => new TokenSpan(tokens, window.Start, window.End));
    }

    /// <summary>Text of token ids: pieces joined to words, one space between words, and none before punctuation marks and contractions, as in Hugging Face.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Leaves out special tokens.</param>
    /// <param name="cleanUpTokenizationSpaces">Removes spaces around apostrophes too. Default: true.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not of the vocabulary.</exception>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens, bool cleanUpTokenizationSpaces = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return WordPieceDecoder.Decode(
            ids.Where(id => !skipSpecialTokens || !_specialIds.Contains(id)).Select(Token),
            Options.ContinuingSubwordPrefix,
            cleanUpTokenizationSpaces
        );

        string Token(int id) =>
            (uint)id < (uint)VocabularySize
                ? Vocabulary[id]
                : throw new ArgumentOutOfRangeException(nameof(ids), id, $"The vocabulary has ids 0 to {VocabularySize - 1}.");
    }

    private TokenList Tokenize(ReadOnlySpan<char> text)
    {
        var tokens = new TokenList();
        EncodeWithoutSpecialTokens(text, ref tokens);
        return tokens;
    }
}
