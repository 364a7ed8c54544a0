using System.Text.Json;

namespace BertMl.Tokenization.PostProcessors;

/// <summary>Adds special tokens and trims offsets: the section <c>post_processor</c> of tokenizer.json. Immutable and thread-safe.</summary>
internal interface IPostProcessor
{
    /// <summary>The special tokens around one text; null where the section adds none and sets no types.</summary>
    SpecialTokens? Single { get; }

    /// <summary>The special tokens around two texts; null where the section adds none and sets no types.</summary>
    SpecialTokens? Pair { get; }

    /// <summary>How offsets are trimmed; null: they are not.</summary>
    OffsetTrimming? Trimming => null;

    /// <summary>Writes the section as tokenizer.json has it.</summary>
    void Write(Utf8JsonWriter json);
}
