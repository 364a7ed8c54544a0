using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Puts characters before a text that is not empty, as tokenizers' Prepend.</summary>
internal sealed class PrependNormalizer(string prepend) : INormalizer
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static PrependNormalizer Read(JsonField section) => new(section.Required("prepend").String());

    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        if (text.Length == 0)
            return;
        CharacterTable.CodePointAt(text.Characters, 0, out var units);
        text.Append(prepend, text.Starts[0], text.Ends[units - 1]);
        text.Copy(0, text.Length);
        text.CommitCharacters();
    }

    /// <inheritdoc/>
    public bool Keeps(ReadOnlySpan<char> text) => text.IsEmpty;

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Prepend");
        json.WriteString("prepend", prepend);
        json.WriteEndObject();
    }
}
