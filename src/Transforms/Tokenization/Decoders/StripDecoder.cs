using System.Text;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Decoders;

/// <summary>Takes a character away at both ends of each token.</summary>
/// <param name="content">The character.</param>
/// <param name="start">How many at the beginning at most.</param>
/// <param name="stop">How many at the end at most.</param>
internal sealed class StripDecoder(Rune content, int start, int stop) : IDecoder
{
    private readonly string _content = content.ToString();

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static StripDecoder Read(JsonField section)
    {
        return new StripDecoder(section.Required("content").Character(), section.Required("start").Count(), section.Required("stop").Count());
    }

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) => [.. tokens.Select(Strip)];

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Strip");
        json.WriteString("content", _content);
        json.WriteNumber("start", start);
        json.WriteNumber("stop", stop);
        json.WriteEndObject();
    }

    private string Strip(string token)
    {
        for (var i = 0; i < start && token.StartsWith(_content, StringComparison.Ordinal); i++)
            token = token[_content.Length..];
        for (var i = 0; i < stop && token.EndsWith(_content, StringComparison.Ordinal); i++)
            token = token[..^_content.Length];
        return token;
    }
}
