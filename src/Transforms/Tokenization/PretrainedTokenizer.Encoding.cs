using System.Collections.Immutable;
using BertMl.Tokenization.Decoders;

namespace BertMl.Tokenization;

/// <content>Everything that is known of each token: offsets, words, windows; and decoding.</content>
public sealed partial class PretrainedTokenizer
{
    /// <summary>Tokenizes a text, or a pair of texts, with everything that is known of each token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text, or null.</param>
    /// <param name="options">Maximum length, truncation, windows; null: no limit.</param>
    /// <exception cref="ArgumentException">The maximum length has no room for the special tokens, the stride is negative or not shorter than a window, or
    /// cutting only the text that may be cut is not enough.</exception>
    /// <exception cref="InvalidOperationException">A word is unknown, and the vocabulary has no token for that; or the normalizer makes the text more than 100
    /// times longer, or a regular expression of the tokenizer takes seconds for it.</exception>
    public TokenEncoding Encode(string text, string? pair = null, EncodingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode(Tokenize(text), pair is null ? null : Tokenize(pair), options ?? new EncodingOptions());
    }

    /// <summary>
    /// Tokenizes a text that is split into words already, or a pair of such texts: is_split_into_words of Hugging Face. Each word is tokenized by itself, so
    /// byte-level tokenizers need add_prefix_space to see that it begins one.
    /// </summary>
    /// <param name="words">The words of the text.</param>
    /// <param name="pair">The words of the second text, or null.</param>
    /// <param name="options">Maximum length, truncation, windows; null: no limit.</param>
    /// <exception cref="ArgumentException">As for texts.</exception>
    /// <exception cref="InvalidOperationException">As for texts.</exception>
    public TokenEncoding EncodeWords(IReadOnlyList<string> words, IReadOnlyList<string>? pair = null, EncodingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        return Encode(TokenizeWords(words), pair is null ? null : TokenizeWords(pair), options ?? new EncodingOptions());
    }

    /// <summary>Text of token ids, as the decoder section makes it.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Leaves out special tokens.</param>
    /// <param name="cleanUpTokenizationSpaces">Removes spaces before punctuation marks and in contractions. Default: what tokenizer_config.json says
    /// (clean_up_tokenization_spaces), else false. The WordPiece decoder does most of it in any case, and BPE never does it, as in transformers.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not of the vocabulary.</exception>
    /// <exception cref="InvalidOperationException">The decoder makes the text more than 100 times longer, or a regular expression of it takes
    /// seconds.</exception>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens, bool? cleanUpTokenizationSpaces = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var tokens = new List<string>();
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"The vocabulary has ids 0 to {VocabularySize - 1}.");
            // A special token that is matched in normalized text decodes to its normalized form, which is no special token: so it is in tokenizers.
            var token = _decoded.GetValueOrDefault(id) ?? _vocabulary[id];
            if (!(skipSpecialTokens && _sections.AddedTokens.IsSpecial(token)))
                tokens.Add(token);
        }
        PatternClock.Begin(tokens.Sum(token => token.Length));
        var text = _sections.Decoder is { } decoder ? string.Concat(decoder.Decode(tokens)) : string.Join(' ', tokens);
        var cleansUp = (cleanUpTokenizationSpaces ?? _settings.CleanUpTokenizationSpaces) && _sections.Model is not Models.BytePairModel;
        return cleansUp ? WordPieceDecoder.CleanUp(text) : text;
    }

    private TokenEncoding Encode(TokenList first, TokenList? second, EncodingOptions options)
    {
        var special = options.AddSpecialTokens ? SpecialTokensToAdd(second is not null) : 0;
        if (options.MaximumLength < special)
            throw new ArgumentException($"A maximum length of {options.MaximumLength} has no room for the {special} special tokens.", nameof(options));
        if (options.Stride < 0)
            throw new ArgumentException($"The stride is {options.Stride}; expected 0 or more.", nameof(options));
        var kept = options.MaximumLength is { } max
            ? Truncation.Kept(options.Truncation, first.Count, second?.Count, max - special)
            : (First: first.Count, Second: second?.Count ?? 0);
        var layout = Layout(second is not null, options.AddSpecialTokens);
        TokenSpan[][] windows = second is null ? [Windows(first, kept.First)] : [Windows(first, kept.First), Windows(second, kept.Second)];
        ImmutableArray<TokenSpan> beginnings = [.. layout.Texts.Select(text => windows[text][0])];
        return new(this, layout, beginnings, layout.Texts.Any(text => windows[text].Length > 1) ? Overflow : null);

        // For each further row the window of each text that stands in it. In the order of Hugging Face: every further window of what stands first with every
        // window of what follows, then the first with the further ones of what follows. Their number is the product of those of the texts.
        ImmutableArray<TokenEncoding> Overflow()
        {
            ImmutableArray<TokenSpan>[] rows =
            [
                [],
            ];
            foreach (var text in layout.Texts)
                rows =
                [
                    rows[0].Add(windows[text][0]),
                    .. from row in rows.Skip(1) from window in windows[text] select row.Add(window),
                    .. windows[text].Skip(1).Select(window => rows[0].Add(window)),
                ];
            return [.. rows.Skip(1).Select(row => new TokenEncoding(this, layout, row))];
        }

        TokenSpan[] Windows(TokenList tokens, int length) =>
            [
                .. Truncation
                    .Windows(tokens.Count, length, options.Stride, _settings.TruncatesLeft)
                    .Select(window => new TokenSpan(tokens, window.Start, window.End)),
            ];
    }

    private TokenList Tokenize(ReadOnlySpan<char> text)
    {
        var tokens = new TokenList();
        tokens.Begin(text);
        EncodeWithoutSpecialTokens(text, ref tokens);
        return tokens;
    }

    private TokenList TokenizeWords(IReadOnlyList<string> words)
    {
        var tokens = new TokenList();
        for (var word = 0; word < words.Count; word++)
        {
            var text = words[word] ?? throw new ArgumentException($"Word {word} is null.", nameof(words));
            tokens.Word = word;
            tokens.Begin(text);
            EncodeWithoutSpecialTokens(text, ref tokens);
        }
        return tokens;
    }
}
