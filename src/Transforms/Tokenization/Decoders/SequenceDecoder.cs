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
    public List<string> Decode(List<string> tokens)
    {
        var limit = GrowthLimit.Of(Length(tokens));
        foreach (var decoder in decoders)
        {
            tokens = decoder.Decode(tokens);
            GrowthLimit.Check(Length(tokens), limit, "decoder");
        }
        return tokens;

        static long Length(List<string> tokens) => tokens.Sum(token => (long)token.Length);
    }

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
