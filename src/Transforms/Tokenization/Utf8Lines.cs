using System.Text;

namespace BertMl.Tokenization;

/// <summary>Lines of UTF-8 text; anything else is refused with the number of the line.</summary>
internal static class Utf8Lines
{
    private const int LongestLine = 1 << 24;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads lines, one at a time, without their ends (\n or \r\n) and without a byte order mark.</summary>
    /// <param name="stream">The text.</param>
    /// <param name="name">Named in errors.</param>
    /// <returns>The lines; one of more than 16 MiB is cut at its spaces, so that memory stays bounded.</returns>
    /// <exception cref="InvalidDataException">A line is not UTF-8, or has more than 16 MiB without a space.</exception>
    public static IEnumerable<string> Read(Stream stream, string name)
    {
        var buffer = new byte[1 << 16];
        var (from, to, number, ended) = (0, 0, 1, false);
        while (true)
        {
            var newline = buffer.AsSpan(from..to).IndexOf((byte)'\n');
            var length = newline >= 0 ? newline : ended ? to - from : to - from >= LongestLine ? buffer.AsSpan(from..to).LastIndexOf((byte)' ') : -1;
            if (length >= 0 && (newline >= 0 || length > 0))
            {
                yield return Decode(buffer.AsSpan(from, length), name, number);
                from += length + (newline >= 0 ? 1 : 0);
                number += newline >= 0 ? 1 : 0;
                continue;
            }
            if (ended)
                yield break;
            if (to - from >= LongestLine)
                throw new InvalidDataException($"{name}: line {number} has more than {LongestLine:N0} bytes without a space; expected text.");
            if (from == 0 && to == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
            buffer.AsSpan(from..to).CopyTo(buffer);
            (from, to) = (0, to - from);
            var read = stream.Read(buffer, to, buffer.Length - to);
            (to, ended) = (to + read, read == 0);
        }
    }

    private static string Decode(ReadOnlySpan<byte> line, string name, int number)
    {
        if (number == 1 && line.StartsWith("\uFEFF"u8))
            line = line[3..];
        try
        {
            return Strict.GetString(line.EndsWith("\r"u8) ? line[..^1] : line);
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException($"{name}: line {number} is not UTF-8.", exception);
        }
    }
}
