using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Normalizers one after the other.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<INormalizer> normalizers) : INormalizer
{
    // An array: going through a list by its interface allocates.
    private readonly INormalizer[] _normalizers = [.. normalizers];

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static SequenceNormalizer Read(JsonField section) =>
        new([.. section.Required("normalizers").Expect(JsonValueKind.Array).Items().Select(NormalizerReader.Read)]);

    /// <summary>The normalizers.</summary>
    public IReadOnlyList<INormalizer> Normalizers => _normalizers;

    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        foreach (var normalizer in _normalizers)
        {
            if (!normalizer.Keeps(text.Characters))
                normalizer.Normalize(text);
        }
    }

    /// <inheritdoc/>
    public bool Keeps(ReadOnlySpan<char> text)
    {
        foreach (var normalizer in _normalizers)
        {
            if (!normalizer.Keeps(text))
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => json.WriteSequence("normalizers", _normalizers, (normalizer, writer) => normalizer.Write(writer));
}
