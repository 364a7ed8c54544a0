using System.Text.Json;

namespace BertMl.Files;

/// <summary>
/// JSON as Python writes it, whose NaN, Infinity and -Infinity are no JSON. Infinity becomes 1e999, which reads as it. NaN becomes the text "NaN": what
/// expects a number refuses it, and a field that nobody reads does no harm.
/// </summary>
internal static class PythonNumbers
{
    /// <summary>Parses a text.</summary>
    /// <exception cref="JsonException">It is no JSON, be it with those numbers.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException) when (json.Span.IndexOf("NaN"u8) >= 0 || json.Span.IndexOf("Infinity"u8) >= 0)
        {
            return JsonDocument.Parse(Replace(json.Span));
        }
    }

    private static byte[] Replace(ReadOnlySpan<byte> json)
    {
        var replaced = new List<byte>(json.Length);
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            if (!inString && Find(json[i..], out var found) is { } number)
            {
                replaced.AddRange(number);
                i += found - 1;
                continue;
            }
            replaced.Add(json[i]);
            if (json[i] == '"')
                inString = !inString;
            else if (json[i] == '\\' && inString && i + 1 < json.Length)
                replaced.Add(json[++i]);
        }
        return [.. replaced];
    }

    private static byte[]? Find(ReadOnlySpan<byte> json, out int length)
    {
        var isNumber = json.StartsWith("NaN"u8);
        length = isNumber ? "NaN".Length : "Infinity".Length;
        return isNumber ? [.. "\"NaN\""u8]
            : json.StartsWith("Infinity"u8) ? [.. "1e999"u8]
            : null;
    }
}
