using System.IO.Compression;
using System.Text.Json;

namespace BertMl.Pages;

/// <summary>Puts data into a page for its scripts.</summary>
internal static class PageData
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>A script element with a value as JSON. The serializer escapes &lt;, &gt; and &amp;, so no text can end the element.</summary>
    public static string Element(object value) => $"<script type=\"application/json\">{JsonSerializer.Serialize(value, Json)}</script>";

    /// <summary>Bytes as zlib in Base64: <c>bertml.unpack</c> of page.js reads it.</summary>
    public static string Pack(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(bytes);
        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }
}
