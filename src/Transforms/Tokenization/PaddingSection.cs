using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization;

/// <summary>The section <c>padding</c> of tokenizer.json.</summary>
/// <param name="FixedLength">The length that all rows get; null: that of the longest.</param>
/// <param name="Direction">The side that is padded: Right or Left.</param>
/// <param name="PadToMultipleOf">Lengths are multiples of it; null: any.</param>
/// <param name="PadId">Id of the padding token.</param>
/// <param name="PadTypeId">Token type of padding.</param>
/// <param name="PadToken">The padding token.</param>
internal sealed record PaddingSection(int? FixedLength, string Direction, int? PadToMultipleOf, int PadId, int PadTypeId, string PadToken)
{
    /// <summary>Reads the section.</summary>
    public static PaddingSection Read(JsonField section) =>
        new(
            section.Optional("strategy") is { Kind: JsonValueKind.Object } strategy ? strategy.Required("Fixed").Count() : null,
            section.Optional("direction")?.OneOf("Right", "Left") ?? "Right",
            section.Optional("pad_to_multiple_of")?.Count(),
            section.Optional("pad_id")?.Count() ?? 0,
            section.Optional("pad_type_id")?.Count() ?? 0,
            section.Optional("pad_token")?.String() ?? "[PAD]"
        );

    /// <summary>Writes the section.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (FixedLength is { } length)
        {
            json.WriteStartObject("strategy");
            json.WriteNumber("Fixed", length);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("strategy", "BatchLongest");
        }
        json.WriteString("direction", Direction);
        if (PadToMultipleOf is { } multiple)
            json.WriteNumber("pad_to_multiple_of", multiple);
        else
            json.WriteNull("pad_to_multiple_of");
        json.WriteNumber("pad_id", PadId);
        json.WriteNumber("pad_type_id", PadTypeId);
        json.WriteString("pad_token", PadToken);
        json.WriteEndObject();
    }
}
