using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization;

/// <summary>The section <c>truncation</c> of tokenizer.json.</summary>
/// <param name="MaximumLength">Tokens of a row at most.</param>
/// <param name="Strategy">What is cut: LongestFirst, OnlyFirst or OnlySecond.</param>
/// <param name="Stride">Tokens that each further window repeats.</param>
/// <param name="Direction">The side that is cut: Right or Left.</param>
internal sealed record TruncationSection(int MaximumLength, string Strategy, int Stride, string Direction)
{
    /// <summary>Reads the section.</summary>
    public static TruncationSection Read(JsonField section) =>
        new(
            section.Required("max_length").Count(),
            section.Required("strategy").OneOf("LongestFirst", "OnlyFirst", "OnlySecond"),
            section.Required("stride").Count(),
            section.Optional("direction")?.OneOf("Right", "Left") ?? "Right"
        );

    /// <summary>Writes the section.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("direction", Direction);
        json.WriteNumber("max_length", MaximumLength);
        json.WriteString("strategy", Strategy);
        json.WriteNumber("stride", Stride);
        json.WriteEndObject();
    }
}
