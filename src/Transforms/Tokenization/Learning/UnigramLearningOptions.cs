namespace BertMl.Tokenization.Learning;

/// <summary>How <see cref="UnigramVocabularyLearner"/> learns; names and defaults as in Hugging Face's UnigramTrainer and SentencePiece.</summary>
public sealed record UnigramLearningOptions
{
    /// <summary>Tokens of the vocabulary, special tokens and all characters included; fewer where the text has no more. Default: 8,000.</summary>
    public int VocabularySize { get; init; } = 8_000;

    /// <summary>The most characters of a piece (max_piece_length). Default: 16.</summary>
    public int MaximumPieceLength { get; init; } = 16;

    /// <summary>Pieces to begin with at most, beside the characters (seed_sentencepiece_size). Default: 1,000,000.</summary>
    public int SeedSize { get; init; } = 1_000_000;

    /// <summary>The part of the pieces that is kept each time that some are left out; above 0 and below 1. Default: 0.75.</summary>
    public double ShrinkingFactor { get; init; } = 0.75;

    /// <summary>Steps of expectation maximization before some are left out (n_sub_iterations). Default: 2.</summary>
    public int SubIterations { get; init; } = 2;

    /// <summary>Further special tokens, after &lt;pad&gt;, &lt;unk&gt;, [CLS], [SEP] and [MASK]. Default: none.</summary>
    public IReadOnlyList<string> AdditionalSpecialTokens { get; init; } = [];

    /// <summary>
    /// Different words that are counted at a time; where there are more, the rarest are forgotten, so that memory does not grow with the text. Default:
    /// 4,000,000.
    /// </summary>
    public int MaximumDistinctWords { get; init; } = 4_000_000;

    /// <summary>How the tokenizer treats text, and its special tokens. Default: as albert-base.</summary>
    public UnigramTokenizerOptions Tokenizer { get; init; } = new();
}
