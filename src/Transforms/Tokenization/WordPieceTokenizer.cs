namespace BertMl.Tokenization;

/// <summary>Contract for the other rooms; the tokenization room replaces this file and makes it a Microsoft.ML.Tokenizers.Tokenizer.</summary>
public sealed class WordPieceTokenizer
{
    /// <summary>Reads a Hugging Face folder: tokenizer.json, or vocab.txt with tokenizer_config.json.</summary>
    public static WordPieceTokenizer Load(string folder) => throw new NotImplementedException();

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static WordPieceTokenizer FromBytes(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>Everything needed to make this tokenizer again, for saved models.</summary>
    public byte[] ToBytes() => throw new NotImplementedException();

    /// <summary>Writes vocab.txt, tokenizer.json, tokenizer_config.json and special_tokens_map.json.</summary>
    public void Save(string folder) => throw new NotImplementedException();

    /// <summary>Number of ids.</summary>
    public int VocabularySize => throw new NotImplementedException();

    /// <summary>Id of [PAD].</summary>
    public int PadTokenId => throw new NotImplementedException();

    /// <summary>Id of [UNK].</summary>
    public int UnkTokenId => throw new NotImplementedException();

    /// <summary>Id of [CLS].</summary>
    public int ClsTokenId => throw new NotImplementedException();

    /// <summary>Id of [SEP].</summary>
    public int SepTokenId => throw new NotImplementedException();

    /// <summary>Id of [MASK], or null.</summary>
    public int? MaskTokenId => throw new NotImplementedException();

    /// <summary>Longest row of tokens that the model takes, as the folder says; int.MaxValue where it does not.</summary>
    public int ModelMaxLength => throw new NotImplementedException();

    /// <summary>[CLS] text [SEP] pair [SEP], truncated (longest_first) to the length of <paramref name="ids"/>. Allocates nothing.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text; ignored unless <paramref name="hasPair"/>.</param>
    /// <param name="hasPair">Is there a second text?</param>
    /// <param name="ids">Receives the ids.</param>
    public TokenCount Encode(ReadOnlySpan<char> text, ReadOnlySpan<char> pair, bool hasPair, Span<int> ids) => throw new NotImplementedException();

    /// <summary>Tokenizes many texts on all cores, in order, appending to <paramref name="destination"/>.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="pairs">The second texts, or null.</param>
    /// <param name="maxLength">Tokens a row at most, special tokens included.</param>
    /// <param name="destination">Receives the rows.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public void EncodeBatch(IReadOnlyList<ReadOnlyMemory<char>> texts, IReadOnlyList<ReadOnlyMemory<char>>? pairs, int maxLength, TokenizedTexts destination, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();
}
