namespace BertMl.Tokenization;

/// <summary>
/// How a <see cref="PretrainedTokenizer"/> treats text; names and defaults are those of Hugging Face's BertNormalizer, WordPiece and BertTokenizer.
/// </summary>
public sealed record WordPieceOptions
{
    /// <summary>
    /// With the special tokens of MPNet: &lt;s&gt;, &lt;pad&gt;, &lt;/s&gt;, [UNK], &lt;mask&gt;. A vocabulary that is learned has them in this order.
    /// </summary>
    public static WordPieceOptions MPNet { get; } =
        new()
        {
            ClsToken = "<s>",
            PadToken = "<pad>",
            SepToken = "</s>",
            MaskToken = "<mask>",
        };

    /// <summary>Lower-cases the text (do_lower_case). Default: true.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>Removes accents (strip_accents). Default: null, which follows <see cref="Lowercase"/>.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Makes each Chinese character a word (tokenize_chinese_chars, handle_chinese_chars). Default: true.</summary>
    public bool HandleChineseCharacters { get; init; } = true;

    /// <summary>Removes control characters (clean_text). Default: true.</summary>
    public bool CleanText { get; init; } = true;

    /// <summary>Words of more code points become one unknown token (max_input_chars_per_word). Default: 100; 1 to 1,000.</summary>
    public int MaxInputCharactersPerWord { get; init; } = 100;

    /// <summary>What pieces that continue a word begin with (continuing_subword_prefix). Default: ##.</summary>
    public string ContinuingSubwordPrefix { get; init; } = "##";

    /// <summary>Longest row of tokens that the model takes (model_max_length). Default: int.MaxValue, no limit known.</summary>
    public int ModelMaxLength { get; init; } = int.MaxValue;

    /// <summary>Token that fills shorter rows. Default: [PAD].</summary>
    public string PadToken { get; init; } = "[PAD]";

    /// <summary>Token of words that the vocabulary cannot spell. Default: [UNK].</summary>
    public string UnkToken { get; init; } = "[UNK]";

    /// <summary>First token of a row. Default: [CLS].</summary>
    public string ClsToken { get; init; } = "[CLS]";

    /// <summary>Token that ends each text. Default: [SEP].</summary>
    public string SepToken { get; init; } = "[SEP]";

    /// <summary>Token that stands for a masked one; null, or absent from the vocabulary, where there is none. Default: [MASK].</summary>
    public string? MaskToken { get; init; } = "[MASK]";
}
