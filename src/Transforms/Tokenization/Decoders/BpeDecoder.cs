using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Decoders;

/// <summary>A space for the mark at the end of words, none at the end of the text. As tokenizers' BPEDecoder.</summary>
/// <param name="suffix">The mark.</param>
internal sealed class BpeDecoder(string suffix) : IDecoder
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static BpeDecoder Read(JsonField section) =>
        section.Required("suffix") is var suffix && suffix.String().Length > 0 ? new BpeDecoder(suffix.String()) : throw suffix.Wrong("a mark of words' ends");

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, i) => token.Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "BPEDecoder");
        json.WriteString("suffix", suffix);
        json.WriteEndObject();
    }
}
