using System.Text.Json;

namespace BertMl.Tokenization.Normalizers;

/// <summary>
/// Removes combining marks (categories Mn, Mc and Me of Unicode 9), as tokenizers' StripAccents. Letters are taken apart by an NFD or NFKD before it.
/// </summary>
internal sealed class StripAccentsNormalizer : INormalizer
{
    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        for (var i = 0; i < text.Length; )
        {
            var codePoint = CharacterTable.CodePointAt(text.Characters, i, out var units);
            if (!UnicodeTables.Instance.IsCombining(codePoint))
                text.Copy(i, i + units);
            i += units;
        }
        text.CommitCharacters();
    }

    /// <inheritdoc/>
    public bool Keeps(ReadOnlySpan<char> text) => System.Text.Ascii.IsValid(text);

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => json.WriteType("StripAccents");
}
