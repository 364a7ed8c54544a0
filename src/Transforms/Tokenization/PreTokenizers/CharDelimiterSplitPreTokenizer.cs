using System.Text;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Splits at one character, which is left out, as tokenizers' CharDelimiterSplit.</summary>
internal sealed class CharDelimiterSplitPreTokenizer(Rune delimiter) : IPreTokenizer
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static CharDelimiterSplitPreTokenizer Read(JsonField section) => new(section.Required("delimiter").Character());

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text) => CharacterMatches.Split(text, codePoint => codePoint == delimiter.Value, SplitBehavior.Removed);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "CharDelimiterSplit");
        json.WriteString("delimiter", delimiter.ToString());
        json.WriteEndObject();
    }
}
