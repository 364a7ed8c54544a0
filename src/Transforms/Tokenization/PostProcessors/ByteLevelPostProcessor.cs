using System.Text.Json;
using BertMl.Files;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>Trims offsets, and adds no special tokens, as tokenizers' ByteLevel.</summary>
/// <param name="section">The pre-tokenizer's fields, which the file repeats.</param>
internal sealed class ByteLevelPostProcessor(ByteLevelPreTokenizer section) : IPostProcessor
{
    /// <summary>Reads the section of tokenizer.json.</summary>
    public static ByteLevelPostProcessor Read(JsonField section) => new(ByteLevelPreTokenizer.Read(section));

    /// <inheritdoc/>
    public SpecialTokens? Single => null;

    /// <inheritdoc/>
    public SpecialTokens? Pair => null;

    /// <inheritdoc/>
    public OffsetTrimming? Trimming { get; } = section.TrimOffsets ? new OffsetTrimming(section.AddPrefixSpace) : null;

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => section.Write(json);
}
