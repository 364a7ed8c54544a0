namespace BertMl.Tokenization;

/// <summary>How a Unigram tokenizer treats text; names and defaults are those of Hugging Face's AlbertTokenizer.</summary>
public sealed record UnigramTokenizerOptions
{
    /// <summary>Lower-cases the text (do_lower_case). Default: true.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>
    /// Keeps accents, and characters as they are written (keep_accents); otherwise the text is normalized to NFKD and accents are removed. Default: false.
    /// </summary>
    public bool KeepAccents { get; init; }

    /// <summary>Begins every word with ▁ (add_prefix_space). Default: true.</summary>
    public bool AddPrefixSpace { get; init; } = true;

    /// <summary>Longest row of tokens that the model takes (model_max_length). Default: int.MaxValue, no limit known.</summary>
    public int ModelMaxLength { get; init; } = int.MaxValue;

    /// <summary>Token that fills shorter rows. Default: &lt;pad&gt;.</summary>
    public string PadToken { get; init; } = "<pad>";

    /// <summary>Token of what the vocabulary cannot spell. Default: &lt;unk&gt;.</summary>
    public string UnkToken { get; init; } = "<unk>";

    /// <summary>First token of a row. Default: [CLS].</summary>
    public string ClsToken { get; init; } = "[CLS]";

    /// <summary>Token that ends each text. Default: [SEP].</summary>
    public string SepToken { get; init; } = "[SEP]";

    /// <summary>Token that stands for a masked one. Default: [MASK].</summary>
    public string MaskToken { get; init; } = "[MASK]";
}
