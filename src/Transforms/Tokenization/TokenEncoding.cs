using System.Collections.Immutable;
using BertMl.Tokenization.PostProcessors;

namespace BertMl.Tokenization;

/// <summary>How a text becomes a <see cref="TokenEncoding"/>.</summary>
public sealed record EncodingOptions
{
    /// <summary>Tokens at most, special tokens included. Default: null, no limit.</summary>
    public int? MaximumLength { get; init; }

    /// <summary>What is cut where there are more. Default: <see cref="TruncationStrategy.LongestFirst"/>.</summary>
    public TruncationStrategy Truncation { get; init; } = TruncationStrategy.LongestFirst;

    /// <summary>Tokens that each overflow window repeats of the window before it. Default: 0.</summary>
    public int Stride { get; init; }

    /// <summary>Adds the special tokens of the post-processor. Default: true.</summary>
    public bool AddSpecialTokens { get; init; } = true;
}

/// <summary>A tokenized text or pair of texts; all lists are as long as <see cref="Ids"/>. Names as in the Encoding of Hugging Face's tokenizers.</summary>
public sealed class TokenEncoding
{
    private readonly PretrainedTokenizer _tokenizer;
    private readonly Lazy<ImmutableArray<TokenEncoding>>? _overflow;

    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="layout">What stands in the row.</param>
    /// <param name="texts">Each text that stands in it.</param>
    /// <param name="overflow">Makes the further windows; null: nothing was cut off.</param>
    internal TokenEncoding(
        PretrainedTokenizer tokenizer,
        RowLayout layout,
        ImmutableArray<TokenSpan> texts,
        Func<ImmutableArray<TokenEncoding>>? overflow = null
    )
    {
        _tokenizer = tokenizer;
        _overflow = overflow is null ? null : new(overflow);
        var rows = new Builder(tokenizer);
        var text = 0;
        for (var i = 0; i < layout.Parts.Length; i++)
        {
            var part = layout.Parts[i];
            if (part.Id is { } id)
                rows.Add(id, part, layout.Sequences[i], 0..0, null);
            else
                rows.AddText(texts[text++], part, layout.Sequences[i]);
        }
        Ids = rows.Ids.DrainToImmutable();
        TypeIds = rows.Types.DrainToImmutable();
        SpecialTokensMask = rows.Special.DrainToImmutable();
        SequenceIds = rows.Sequences.DrainToImmutable();
        Offsets = rows.Offsets.DrainToImmutable();
        WordIds = rows.Words.DrainToImmutable();
    }

    /// <summary>Token ids.</summary>
    public ImmutableArray<int> Ids { get; }

    /// <summary>
    /// Token type ids, as the post-processor says: with BERT 1 for the second text and what follows it, with RoBERTa 0 throughout. Further windows have them
    /// as the first does; a template of tokenizers leaves 0 and 1 there, whatever it says.
    /// </summary>
    public ImmutableArray<int> TypeIds { get; }

    /// <summary>1 for the special tokens that were added around the texts; 0 for tokens of the texts, a literal [MASK] among them.</summary>
    public ImmutableArray<int> SpecialTokensMask { get; }

    /// <summary>
    /// Which text each token is of: 0 for the first, 1 for the second; null for added special tokens. Several post-processors one after the other count as
    /// tokenizers has it: what one adds may be of a text to the next. Further windows have them as the first does.
    /// </summary>
    public ImmutableArray<int?> SequenceIds { get; }

    /// <summary>
    /// The UTF-16 units of the original text, first or second, that each token covers; 0..0 for added special tokens. Of texts given as words: the units of the
    /// word.
    /// </summary>
    public ImmutableArray<Range> Offsets { get; }

    /// <summary>
    /// Which word of its text each token is of, from 0; null for added special tokens. Of texts given as words: the index of the word. Otherwise words are
    /// those of the pre-tokenizer: with BERT punctuation marks and Chinese characters are words too.
    /// </summary>
    public ImmutableArray<int?> WordIds { get; }

    /// <summary>The tokens themselves.</summary>
    public IEnumerable<string> Tokens => Ids.Select(id => _tokenizer.Vocabulary[id]);

    /// <summary>
    /// Further windows over what was cut off, each as long as allowed; empty where nothing was. They are made when they are first asked for: where a row has
    /// several texts that were cut, there is one for each combination of their windows.
    /// </summary>
    public ImmutableArray<TokenEncoding> Overflow => _overflow?.Value ?? [];

    /// <summary>Was something cut off? Tells it without making the further windows.</summary>
    internal bool IsTruncated => _overflow is not null;

    /// <summary>The same without its further windows.</summary>
    internal TokenEncoding WithoutOverflow() => IsTruncated ? new TokenEncoding(this) : this;

    private TokenEncoding(TokenEncoding other)
    {
        _tokenizer = other._tokenizer;
        (Ids, TypeIds, SpecialTokensMask, SequenceIds, Offsets, WordIds) = (
            other.Ids,
            other.TypeIds,
            other.SpecialTokensMask,
            other.SequenceIds,
            other.Offsets,
            other.WordIds
        );
    }

    /// <summary>The lists while they are made.</summary>
    private sealed class Builder(PretrainedTokenizer tokenizer)
    {
        public ImmutableArray<int>.Builder Ids { get; } = ImmutableArray.CreateBuilder<int>();

        public ImmutableArray<int>.Builder Types { get; } = ImmutableArray.CreateBuilder<int>();

        public ImmutableArray<int>.Builder Special { get; } = ImmutableArray.CreateBuilder<int>();

        public ImmutableArray<int?>.Builder Sequences { get; } = ImmutableArray.CreateBuilder<int?>();

        public ImmutableArray<Range>.Builder Offsets { get; } = ImmutableArray.CreateBuilder<Range>();

        public ImmutableArray<int?>.Builder Words { get; } = ImmutableArray.CreateBuilder<int?>();

        public void AddText(TokenSpan span, RowPart part, int? sequence)
        {
            for (var i = span.Start; i < span.End; i++)
            {
                var (id, offsets) = (span.Tokens.Ids[i], span.Tokens.Offsets[i]);
                foreach (var (trimming, isFirst) in part.Trimmings)
                    offsets = trimming.Trim(span.Tokens.SpaceAround(i, tokenizer.Vocabulary), offsets, span.Tokens.TextOf(i), isFirst && i == span.Start);
                Add(id, part, sequence, offsets, span.Tokens.Words[i]);
            }
        }

        public void Add(int id, RowPart part, int? sequence, Range offsets, int? word)
        {
            Ids.Add(id);
            Types.Add(part.Type);
            Special.Add(part.IsSpecial ? 1 : 0);
            Sequences.Add(sequence);
            Offsets.Add(offsets);
            Words.Add(word);
        }
    }
}

/// <summary>Some of the tokens of a text.</summary>
internal readonly record struct TokenSpan(TokenList Tokens, int Start, int End);
