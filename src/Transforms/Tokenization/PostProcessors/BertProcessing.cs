using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>[CLS] A [SEP] and [CLS] A [SEP] B [SEP], B and what follows of type 1, as tokenizers' BertProcessing.</summary>
internal sealed class BertProcessing((string Token, int Id) cls, (string Token, int Id) sep) : IPostProcessor
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static BertProcessing Read(JsonField section) =>
        new(PostProcessorReader.TokenAndId(section.Required("cls")), PostProcessorReader.TokenAndId(section.Required("sep")));

    /// <inheritdoc/>
    public int Added(bool isPair) => isPair ? 3 : 2;

    /// <inheritdoc/>
    public IReadOnlyList<RowEncoding> Process(IReadOnlyList<RowEncoding> encodings, bool addSpecialTokens) =>
        addSpecialTokens
            ? [.. encodings.Select((encoding, i) => i == 0 ? encoding.Between([cls.Id], [sep.Id], 0, 0) : encoding.Between([], [sep.Id], 1, 1))]
            : encodings;

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "BertProcessing");
        json.WriteTokenAndId("sep", sep);
        json.WriteTokenAndId("cls", cls);
        json.WriteEndObject();
    }
}
