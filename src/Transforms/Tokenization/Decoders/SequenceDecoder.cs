using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Decoders;

/// <summary>Decoders one after the other.</summary>
/// <param name="decoders">The decoders.</param>
internal sealed class SequenceDecoder(IReadOnlyList<IDecoder> decoders) : IDecoder
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static SequenceDecoder Read(JsonField section) =>
        new([.. section.Required("decoders").Expect(JsonValueKind.Array).Items().Select(DecoderReader.Read)]);

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens) => decoders.Aggregate(tokens, (parts, decoder) => decoder.Decode(parts));

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Sequence");
        json.WriteStartArray("decoders");
        foreach (var decoder in decoders)
            decoder.Write(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
