using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Splits at punctuation marks, and at the symbols of ASCII; which they are is as BERT has it. Fields as in tokenizers' Punctuation.</summary>
/// <param name="behavior">What becomes of the marks.</param>
internal sealed class PunctuationPreTokenizer(SplitBehavior behavior) : IPreTokenizer
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static PunctuationPreTokenizer Read(JsonField section) =>
        new(section.Optional("behavior") is { } behavior ? SplitBehaviors.Read(behavior) : SplitBehavior.Isolated);

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text) => CharacterMatches.Split(text, UnicodeTables.Instance.IsPunctuation, behavior);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Punctuation");
        json.WriteString("behavior", behavior.ToString());
        json.WriteEndObject();
    }
}
