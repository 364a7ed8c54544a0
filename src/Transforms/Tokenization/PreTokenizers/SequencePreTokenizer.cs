using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Pre-tokenizers one after the other.</summary>
/// <param name="sections">The pre-tokenizers.</param>
internal sealed class SequencePreTokenizer(IReadOnlyList<IPreTokenizer> sections) : IPreTokenizer
{
    // An array: going through a list by its interface allocates.
    private readonly IPreTokenizer[] _sections = [.. sections];

    /// <summary>The pre-tokenizers.</summary>
    public IReadOnlyList<IPreTokenizer> Sections => _sections;

    /// <summary>Reads the section of tokenizer.json.</summary>
    public static SequencePreTokenizer Read(JsonField section) =>
        new([.. section.Required("pretokenizers").Expect(JsonValueKind.Array).Items().Select(PreTokenizerReader.Read)]);

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text)
    {
        foreach (var section in _sections)
            section.PreTokenize(text);
    }

    /// <inheritdoc/>
    public bool? StartsWord(string token) => _sections.Select(section => section.StartsWord(token)).LastOrDefault(answer => answer is not null);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        foreach (var section in _sections)
            section.Write(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
