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
    public SpecialTokens Single { get; } = new([new(cls.Id, 0)], 0, [], 0, [new(sep.Id, 0)]);

    /// <inheritdoc/>
    public SpecialTokens Pair { get; } = new([new(cls.Id, 0)], 0, [new(sep.Id, 0)], 1, [new(sep.Id, 1)]);

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
