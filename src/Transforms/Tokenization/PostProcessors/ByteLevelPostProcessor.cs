using System.Text.Json;
using BertMl.Files;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>Trims offsets, and adds no special tokens, as tokenizers' ByteLevel.</summary>
/// <param name="section">The pre-tokenizer's fields, which the file repeats.</param>
internal sealed class ByteLevelPostProcessor(ByteLevelPreTokenizer section) : IPostProcessor
{
    private readonly OffsetTrimming? _trimming = section.TrimOffsets ? new OffsetTrimming(section.AddPrefixSpace) : null;

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static ByteLevelPostProcessor Read(JsonField section) => new(ByteLevelPreTokenizer.Read(section));

    /// <inheritdoc/>
    public int Added(bool isPair) => 0;

    /// <inheritdoc/>
    public IReadOnlyList<RowEncoding> Process(IReadOnlyList<RowEncoding> encodings, bool addSpecialTokens) =>
        [.. encodings.Select((encoding, i) => encoding.Trimmed(_trimming).WithSequence(i))];

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => section.Write(json);
}
