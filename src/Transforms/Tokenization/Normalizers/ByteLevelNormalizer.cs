using System.Text;
using System.Text.Json;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Writes every byte of the text in UTF-8 as one printable character, as tokenizers' ByteLevel normalizer.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length; )
        {
            Rune.DecodeFromUtf16(text.Characters[i..], out var rune, out var units);
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                text.Append(ByteCharacters.Of(value), text.Starts[i], text.Ends[i + units - 1]);
            i += units;
        }
        text.CommitCharacters();
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => json.WriteType("ByteLevel");
}
