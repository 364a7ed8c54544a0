namespace BertMl.Tokenization.Learning;

/// <summary>How <see cref="BytePairVocabularyLearner"/> learns; names and defaults as in Hugging Face's BpeTrainer and ByteLevelBPETokenizer.</summary>
public sealed record BytePairLearningOptions
{
    /// <summary>Tokens of the vocabulary, special tokens and the 256 bytes included; fewer where the text has no more pairs to join. Default: 30,000.</summary>
    public int VocabularySize { get; init; } = 30_000;

    /// <summary>Two pieces are joined only where they stand together at least so often. Default: 2.</summary>
    public long MinimumFrequency { get; init; } = 2;

    /// <summary>Further special tokens, after those of <see cref="Tokenizer"/>. Default: none.</summary>
    public IReadOnlyList<string> AdditionalSpecialTokens { get; init; } = [];

    /// <summary>
    /// Different words that are counted at a time; where there are more, the rarest are forgotten, so that memory does not grow with the text. Default:
    /// 4,000,000.
    /// </summary>
    public int MaximumDistinctWords { get; init; } = 4_000_000;

    /// <summary>
    /// How the tokenizer treats text, and its special tokens. Default: as roberta-base; <see cref="BytePairTokenizerOptions.Gpt2"/>: as gpt2.
    /// </summary>
    public BytePairTokenizerOptions Tokenizer { get; init; } = new();
}
