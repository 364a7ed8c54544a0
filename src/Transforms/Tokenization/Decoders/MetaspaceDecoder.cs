using System.Text.Json;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Decoders;

/// <summary>Spaces for the sign that stands for them; none at the beginning of the text where the pre-tokenizer puts one. As tokenizers' Metaspace.</summary>
/// <param name="section">The pre-tokenizer's fields, which the file repeats.</param>
internal sealed class MetaspaceDecoder(MetaspacePreTokenizer section) : IDecoder
{
    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens)
    {
        var sign = section.Replacement.ToString();
        var first = section.PrependScheme == PrependScheme.Never ? " " : "";
        return [.. tokens.Select((token, i) => token.Replace(sign, i == 0 ? first : " ", StringComparison.Ordinal))];
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => section.Write(json);
}
