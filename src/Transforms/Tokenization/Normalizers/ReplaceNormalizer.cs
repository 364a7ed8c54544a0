using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Normalizers;

/// <summary>
/// Replaces what a pattern matches, as tokenizers' Replace. What stands in its place comes from the last character that it replaces, or where it replaces none,
/// from the one before.
/// </summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : INormalizer
{
    [ThreadStatic]
    private static List<(int Start, int End)>? _matches;

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static ReplaceNormalizer Read(JsonField section) => new(TextPattern.Read(section.Required("pattern")), section.Required("content").String());

    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        var matches = _matches ??= [];
        pattern.Find(text.Characters, matches);
        if (matches.Count == 0)
            return;
        var at = 0;
        foreach (var (start, end) in matches)
        {
            text.Copy(at, start);
            var (from, to) = end > 0 ? (text.Starts[end - 1], text.Ends[end - 1]) : (text.Origin, text.Origin);
            text.Append(content, from, to);
            at = end;
        }
        text.Copy(at, text.Length);
        text.CommitCharacters();
    }

    /// <inheritdoc/>
    public bool Keeps(ReadOnlySpan<char> text) => !pattern.MayOccur(text);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Replace");
        json.WritePropertyName("pattern");
        pattern.Write(json);
        json.WriteString("content", content);
        json.WriteEndObject();
    }
}
