using System.Text.Json;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Lower-cases each character by itself, as tokenizers' Lowercase.</summary>
internal sealed class LowercaseNormalizer : INormalizer
{
    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        var unicode = UnicodeTables.Instance;
        for (var i = 0; i < text.Length; )
        {
            var codePoint = CharacterTable.CodePointAt(text.Characters, i, out var units);
            if (codePoint < 0x80)
                text.Append(char.ToLowerInvariant((char)codePoint), text.Starts[i], text.Ends[i]);
            else if (unicode.IsLowered(codePoint))
                text.Append(unicode.Lower(codePoint), text.Starts[i], text.Ends[i + units - 1]);
            else
                text.Copy(i, i + units);
            i += units;
        }
        text.CommitCharacters();
    }

    /// <inheritdoc/>
    public bool Keeps(ReadOnlySpan<char> text) => !text.ContainsAnyInRange('A', 'Z') && System.Text.Ascii.IsValid(text);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => json.WriteType("Lowercase");
}
