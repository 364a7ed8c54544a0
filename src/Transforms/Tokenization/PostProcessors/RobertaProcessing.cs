using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>&lt;s&gt; A &lt;/s&gt; and &lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;, all of type 0, as tokenizers' RobertaProcessing.</summary>
/// <param name="cls">First token of a row.</param>
/// <param name="sep">Token that ends each text.</param>
/// <param name="trimOffsets">Leaves the white space around tokens out of their offsets.</param>
/// <param name="addPrefixSpace">Does the pre-tokenizer put a space before the text?</param>
internal sealed class RobertaProcessing((string Token, int Id) cls, (string Token, int Id) sep, bool trimOffsets, bool addPrefixSpace) : IPostProcessor
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static RobertaProcessing Read(JsonField section) =>
        new(
            PostProcessorReader.TokenAndId(section.Required("cls")),
            PostProcessorReader.TokenAndId(section.Required("sep")),
            section.Boolean("trim_offsets") ?? true,
            section.Boolean("add_prefix_space") ?? true
        );

    /// <inheritdoc/>
    public SpecialTokens Single { get; } = new([new(cls.Id, 0)], 0, [], 0, [new(sep.Id, 0)]);

    /// <inheritdoc/>
    public SpecialTokens Pair { get; } = new([new(cls.Id, 0)], 0, [new(sep.Id, 0), new(sep.Id, 0)], 0, [new(sep.Id, 0)]);

    /// <inheritdoc/>
    public OffsetTrimming? Trimming { get; } = trimOffsets ? new OffsetTrimming(addPrefixSpace) : null;

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "RobertaProcessing");
        json.WriteTokenAndId("sep", sep);
        json.WriteTokenAndId("cls", cls);
        json.WriteBoolean("trim_offsets", trimOffsets);
        json.WriteBoolean("add_prefix_space", addPrefixSpace);
        json.WriteEndObject();
    }
}
