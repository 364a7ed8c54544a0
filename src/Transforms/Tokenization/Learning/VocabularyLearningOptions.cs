namespace BertMl.Tokenization.Learning;

/// <summary>How <see cref="WordPieceVocabularyLearner"/> learns; names and defaults as in Hugging Face's WordPieceTrainer and BertWordPieceTokenizer.</summary>
public sealed record VocabularyLearningOptions
{
    /// <summary>Tokens of the vocabulary, special tokens and alphabet included; fewer where the text has no more pairs to join. Default: 30,000.</summary>
    public int VocabularySize { get; init; } = 30_000;

    /// <summary>Two pieces are joined only where they stand together at least so often. Default: 2.</summary>
    public long MinimumFrequency { get; init; } = 2;

    /// <summary>Characters that are kept, the most frequent ones; words with others become [UNK], and nothing is learned from them. Default: 1,000.</summary>
    public int LimitAlphabet { get; init; } = 1_000;

    /// <summary>Further special tokens, after [PAD], [UNK], [CLS], [SEP] and [MASK]. Default: none.</summary>
    public IReadOnlyList<string> AdditionalSpecialTokens { get; init; } = [];

    /// <summary>
    /// Different words that are counted at a time; where there are more, the rarest are forgotten, so that memory does not grow with the text. Default:
    /// 4,000,000.
    /// </summary>
    public int MaximumDistinctWords { get; init; } = 4_000_000;

    /// <summary>How the tokenizer treats text: lower case, accents and the rest. Default: as bert-base-uncased.</summary>
    public WordPieceOptions Tokenizer { get; init; } = new();
}
