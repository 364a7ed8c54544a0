namespace BertMl.Tokenization;

/// <summary>How a byte-level BPE tokenizer treats text; names and defaults are those of Hugging Face's RobertaTokenizer.</summary>
public sealed record BytePairTokenizerOptions
{
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

    /// <summary>Token that stands for a masked one. Default: &lt;mask&gt;.</summary>
    public string MaskToken { get; init; } = "<mask>";
}
