using System.Text.Json;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Rewrites a text before it is split into words: the section <c>normalizer</c> of tokenizer.json. Immutable and thread-safe.</summary>
internal interface INormalizer
{
    /// <summary>Rewrites a text, keeping where in the original each character comes from.</summary>
    void Normalize(PreTokenizedText text);

    /// <summary>Is it certain that a text stays as it is? A quick look; false where that is not known.</summary>
    bool Keeps(ReadOnlySpan<char> text) => false;

    /// <summary>Writes the section as tokenizer.json has it.</summary>
    void Write(Utf8JsonWriter json);
}
