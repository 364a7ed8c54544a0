using System.Globalization;
using System.Text;
using System.Text.Json;

namespace BertMl.Tokenization.Decoders;

/// <summary>The text of tokens that are bytes, such as &lt;0x0A&gt;: neighbouring ones together, U+FFFD for each where they are not UTF-8.</summary>
internal sealed class ByteFallbackDecoder : IDecoder
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public List<string> Decode(List<string> tokens)
    {
        var parts = new List<string>();
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (
                token is ['<', '0', 'x', _, _, '>']
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            )
            {
                bytes.Add(value);
                continue;
            }
            Flush();
            parts.Add(token);
        }
        Flush();
        return parts;

        void Flush()
        {
            if (bytes.Count == 0)
                return;
            try
            {
                parts.Add(_utf8.GetString([.. bytes]));
            }
            catch (DecoderFallbackException)
            {
                parts.Add(new string('\uFFFD', bytes.Count));
            }
            bytes.Clear();
        }
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "ByteFallback");
        json.WriteEndObject();
    }
}
