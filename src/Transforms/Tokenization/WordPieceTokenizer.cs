namespace BertMl.Tokenization;

/// <summary>Makes WordPiece tokenizers as BERT has them: BertNormalizer, BertPreTokenizer, WordPiece, and [CLS] text [SEP] pair [SEP].</summary>
/// <remarks>Devlin et al. 2018 (arXiv:1810.04805); Wu et al. 2016 (arXiv:1609.08144) for WordPiece.</remarks>
public static class WordPieceTokenizer
{
    /// <summary>Makes a tokenizer of a vocabulary.</summary>
    /// <param name="vocabulary">Token of each id; must have the special tokens that <paramref name="options"/> names ([MASK] apart).</param>
    /// <param name="options">How text is treated; null: as bert-base-uncased.</param>
    /// <exception cref="InvalidDataException">A token occurs twice, or a special token is missing.</exception>
    public static PretrainedTokenizer Create(IReadOnlyList<string> vocabulary, WordPieceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new PretrainedTokenizer(WordPieceDefinition.Create(vocabulary, [], options ?? new WordPieceOptions(), "Vocabulary"), "Vocabulary");
    }
}
