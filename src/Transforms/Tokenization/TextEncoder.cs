namespace BertMl.Tokenization;

/// <summary>The whole way from the text between added tokens to tokens. Immutable and thread-safe.</summary>
internal abstract class TextEncoder
{
    /// <summary>Tokenizes a text without special tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="origin">Where it begins in the original; added to every offset.</param>
    /// <param name="sink">Receives the tokens.</param>
    /// <returns>False where the sink ended it.</returns>
    public abstract bool Encode<TSink>(ReadOnlySpan<char> text, int origin, ref TSink sink)
        where TSink : ITokenSink, allows ref struct;
}
