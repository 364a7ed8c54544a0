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
    private readonly OffsetTrimming? _trimming = trimOffsets ? new OffsetTrimming(addPrefixSpace) : null;

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static RobertaProcessing Read(JsonField section) =>
        new(
            PostProcessorReader.TokenAndId(section.Required("cls")),
            PostProcessorReader.TokenAndId(section.Required("sep")),
            section.Boolean("trim_offsets") ?? true,
            section.Boolean("add_prefix_space") ?? true
        );

    /// <inheritdoc/>
    public int Added(bool isPair) => isPair ? 4 : 2;

    /// <inheritdoc/>
    public IReadOnlyList<RowEncoding> Process(IReadOnlyList<RowEncoding> encodings, bool addSpecialTokens)
    {
        var typed = encodings.Select(encoding => encoding.Trimmed(_trimming).WithType(0));
        return addSpecialTokens ? [.. typed.Select((encoding, i) => encoding.Between([i == 0 ? cls.Id : sep.Id], [sep.Id], Math.Min(i, 1), 0))] : [.. typed];
    }

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
