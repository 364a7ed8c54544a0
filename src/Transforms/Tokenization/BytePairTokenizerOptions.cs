namespace BertMl.Tokenization;

/// <summary>How a byte-level BPE tokenizer treats text; names and defaults are those of Hugging Face's RobertaTokenizer.</summary>
public sealed record BytePairTokenizerOptions
{
    /// <summary>As GPT-2 has it: &lt;|endoftext|&gt;, between texts, is the only special token, and none is added to a text.</summary>
    public static BytePairTokenizerOptions Gpt2 { get; } = new() { EndOfTextToken = "<|endoftext|>" };

    /// <summary>
    /// The only special token of a tokenizer as GPT-2 has it, which stands between texts; the other special tokens are of no account then. null (the default):
    /// a tokenizer as RoBERTa has it, with the tokens below.
    /// </summary>
    public string? EndOfTextToken { get; init; }

    /// <summary>Puts a space before a text that does not begin with one, so that its first word is as any other (add_prefix_space). Default: false.</summary>
    public bool AddPrefixSpace { get; init; }

    /// <summary>Leaves white space around tokens out of their offsets (trim_offsets). Default: true.</summary>
    public bool TrimOffsets { get; init; } = true;

    /// <summary>Longest row of tokens that the model takes (model_max_length). Default: int.MaxValue, no limit known.</summary>
    public int ModelMaxLength { get; init; } = int.MaxValue;

    /// <summary>First token of a row. Default: &lt;s&gt;.</summary>
    public string ClsToken { get; init; } = "<s>";

    /// <summary>Token that ends each text. Default: &lt;/s&gt;.</summary>
    public string SepToken { get; init; } = "</s>";

    /// <summary>Token that fills shorter rows. Default: &lt;pad&gt;.</summary>
    public string PadToken { get; init; } = "<pad>";

    /// <summary>Token of what the vocabulary cannot spell; a byte-level vocabulary spells everything. Default: &lt;unk&gt;.</summary>
    public string UnkToken { get; init; } = "<unk>";

    /// <summary>
    /// Token that stands for a masked one; it takes the space before it, as that of roberta-base, for a word has its own. Default: &lt;mask&gt;.
    /// </summary>
    public string MaskToken { get; init; } = "<mask>";

    /// <summary>The special tokens by their part.</summary>
    internal SpecialTokenNames Names =>
        EndOfTextToken is { } end ? new(Bos: end, Eos: end, Unk: end) : new(ClsToken, SepToken, UnkToken, SepToken, PadToken, ClsToken, MaskToken);

    /// <summary>The special tokens in the order in which a learner gives them their ids.</summary>
    internal IReadOnlyList<string> SpecialTokens => EndOfTextToken is { } end ? [end] : [ClsToken, PadToken, SepToken, UnkToken, MaskToken];
}
