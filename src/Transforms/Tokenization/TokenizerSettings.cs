namespace BertMl.Tokenization;

/// <summary>What tokenizer_config.json says beside tokenizer.json.</summary>
internal sealed record TokenizerSettings
{
    /// <summary>
    /// The class of transformers that makes this tokenizer of its vocabulary and <see cref="Flags"/>; null where only tokenizer.json as a whole does.
    /// </summary>
    public string? TokenizerClass { get; init; }

    /// <summary>The special tokens.</summary>
    public SpecialTokenNames Names { get; init; } = new();

    /// <summary>Tokens of the longest row that the model takes (model_max_length); int.MaxValue: not known.</summary>
    public int ModelMaxLength { get; init; } = int.MaxValue;

    /// <summary>Removes spaces before punctuation marks when decoding (clean_up_tokenization_spaces).</summary>
    public bool CleanUpTokenizationSpaces { get; init; }

    /// <summary>Cuts texts that are too long at their beginning (truncation_side).</summary>
    public bool TruncatesLeft { get; init; }

    /// <summary>What the class asks for, such as do_lower_case; null is written as null.</summary>
    public IReadOnlyDictionary<string, bool?> Flags { get; init; } = new Dictionary<string, bool?>();
}
