namespace BertMl;

/// <summary>What the words of a raw text are, where tokens of a word have one tag together.</summary>
public enum WordSplitting
{
    /// <summary>
    /// As in Hugging Face's token-classification pipeline: the words of the tokenizer where its tokens say which of them continue a word (WordPiece), else what
    /// spaces part.
    /// </summary>
    Tokenizer,

    /// <summary>The same for every tokenizer: runs of letters and digits; other characters are words by themselves.</summary>
    Text,
}
