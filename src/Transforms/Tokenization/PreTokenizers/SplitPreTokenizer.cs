using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Splits words at the matches of a pattern; fields as in tokenizers' Split.</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="behavior">What becomes of the matches.</param>
/// <param name="invert">Are the parts between the matches meant?</param>
internal sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    [ThreadStatic]
    private static List<(int Start, int End)>? _matches;

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static SplitPreTokenizer Read(JsonField section) =>
        new(
            TextPattern.Read(section.Required("pattern")),
            SplitBehaviors.Read(section.Required("behavior")),
            section.Boolean("invert") ?? throw section.Required("invert").Wrong("true or false")
        );

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        var matches = _matches ??= [];
        foreach (var word in text.Words)
        {
            pattern.Find(text.Characters[word.Start..word.End], matches);
            behavior.Split(text, word, matches, invert);
        }
        text.CommitWords();
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WritePropertyName("pattern");
        pattern.Write(json);
        json.WriteString("behavior", behavior.ToString());
        json.WriteBoolean("invert", invert);
        json.WriteEndObject();
    }
}
