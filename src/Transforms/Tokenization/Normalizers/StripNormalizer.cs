using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Removes white space at the ends of a text, as tokenizers' Strip.</summary>
/// <param name="left">At its beginning?</param>
/// <param name="right">At its end?</param>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static StripNormalizer Read(JsonField section) => new(section.RequiredBoolean("strip_left"), section.RequiredBoolean("strip_right"));

    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        var (start, end) = (0, text.Length);
        while (right && end > 0 && char.IsWhiteSpace(text.Characters[end - 1]))
            end--;
        while (left && start < end && char.IsWhiteSpace(text.Characters[start]))
            start++;
        text.Copy(start, end);
        text.CommitCharacters();
    }

    /// <inheritdoc/>
    public bool Keeps(ReadOnlySpan<char> text) => text.IsEmpty || !((left && char.IsWhiteSpace(text[0])) || (right && char.IsWhiteSpace(text[^1])));

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Strip");
        json.WriteBoolean("strip_left", left);
        json.WriteBoolean("strip_right", right);
        json.WriteEndObject();
    }
}
