using System.Collections.Immutable;

namespace BertMl.Tokenization;

/// <summary>How a text becomes an <see cref="TokenEncoding"/>.</summary>
public sealed record EncodingOptions
{
    /// <summary>Tokens at most, special tokens included. Default: null, no limit.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What is cut where there are more. Default: <see cref="TruncationStrategy.LongestFirst"/>.</summary>
    public TruncationStrategy Truncation { get; init; } = TruncationStrategy.LongestFirst;

    /// <summary>Tokens that each overflow window repeats of the window before it. Default: 0.</summary>
    public int Stride { get; init; }

    /// <summary>Adds [CLS] and [SEP]. Default: true.</summary>
    public bool AddSpecialTokens { get; init; } = true;
}

/// <summary>A tokenized text or pair of texts; all lists are as long as <see cref="Ids"/>. Names as in Hugging Face's Encoding.</summary>
public sealed class TokenEncoding
{
    private readonly PretrainedTokenizer _tokenizer;

    internal TokenEncoding(PretrainedTokenizer tokenizer, Span<TokenSpan> parts, bool addSpecialTokens)
    {
        _tokenizer = tokenizer;
        var ids = ImmutableArray.CreateBuilder<int>();
        var types = ImmutableArray.CreateBuilder<int>();
        var special = ImmutableArray.CreateBuilder<int>();
        var offsets = ImmutableArray.CreateBuilder<Range>();
        var words = ImmutableArray.CreateBuilder<int?>();
        void Special(int id, int type)
        {
            if (!addSpecialTokens)
                return;
            ids.Add(id);
            types.Add(type);
            special.Add(1);
            offsets.Add(0..0);
            words.Add(null);
        }
        Special(tokenizer.ClsTokenId, 0);
        for (var part = 0; part < parts.Length; part++)
        {
            var (tokens, start, end) = parts[part];
            for (var i = start; i < end; i++)
            {
                ids.Add(tokens.Ids[i]);
                types.Add(part);
                special.Add(0);
                offsets.Add(tokens.Offsets[i]);
                words.Add(tokens.Words[i]);
            }
            Special(tokenizer.SepTokenId, part);
        }
        (Ids, TypeIds, SpecialTokensMask, Offsets, WordIds) = (
            ids.DrainToImmutable(),
            types.DrainToImmutable(),
            special.DrainToImmutable(),
            offsets.DrainToImmutable(),
            words.DrainToImmutable()
        );
    }

    /// <summary>Token ids.</summary>
    public ImmutableArray<int> Ids { get; }

    /// <summary>0 for [CLS], the first text and its [SEP]; 1 for the second text and its [SEP].</summary>
    public ImmutableArray<int> TypeIds { get; }

    /// <summary>1 for the special tokens that were added around the texts; 0 for tokens of the texts, a literal [MASK] among them.</summary>
    public ImmutableArray<int> SpecialTokensMask { get; }

    /// <summary>The UTF-16 units of the original text, first or second, that each token covers; 0..0 for added special tokens.</summary>
    public ImmutableArray<Range> Offsets { get; }

    /// <summary>Which word of its text each token is of, from 0, punctuation marks and Chinese characters counting as words; null for added special tokens.</summary>
    public ImmutableArray<int?> WordIds { get; }

    /// <summary>The tokens themselves.</summary>
    public IEnumerable<string> Tokens => Ids.Select(id => _tokenizer.Vocabulary[id]);

    /// <summary>Further windows over what was cut off, each as long as allowed; empty where nothing was.</summary>
    public ImmutableArray<TokenEncoding> Overflow { get; internal init; } = [];
}

/// <summary>Some of the tokens of a text.</summary>
internal readonly record struct TokenSpan(TokenList Tokens, int Start, int End);
