using System.Text.Json;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Removes control characters and makes a space of characters that count as one, as tokenizers' Nmt.</summary>
internal sealed class NmtNormalizer : INormalizer
{
    /// <inheritdoc/>
    public void Normalize(PreTokenizedText text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            switch (text.Characters[i])
            {
                case (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F':
                    break;
                case '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD':
                    text.Append(' ', text.Starts[i], text.Ends[i]);
                    break;
                default:
                    text.Copy(i, i + 1);
                    break;
            }
        }
        text.CommitCharacters();
    }

    /// <inheritdoc/>
    public bool Keeps(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange(' ', '~');

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json) => json.WriteType("Nmt");
}
