using System.Text.Json;

namespace BertMl.Tokenization.Decoders;

/// <summary>The text whose bytes the characters of the tokens stand for; bytes that are not valid UTF-8 become U+FFFD. As tokenizers' ByteLevel.</summary>
/// <param name="section">The pre-tokenizer's fields, which the file repeats; they have no effect here.</param>
internal sealed class ByteLevelDecoder(PreTokenizers.ByteLevelPreTokenizer section) : IDecoder
{
    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (token.All(character => ByteCharacters.ByteOf(character) >= 0))
                bytes.AddRange(token.Select(character => (byte)ByteCharacters.ByteOf(character)));
            else
                bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(token));
        }
        return [System.Text.Encoding.UTF8.GetString([.. bytes])];
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => section.Write(json);
}
