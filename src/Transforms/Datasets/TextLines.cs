using BertMl.Files;

namespace BertMl.Datasets;

/// <summary>The lines of a text file with their numbers.</summary>
internal static class TextLines
{
    /// <summary>Reads all lines.</summary>
    /// <exception cref="InvalidDataException">A line is not UTF-8 or is longer than 4 MiB; file and line are named.</exception>
    public static IEnumerable<(long Number, string Text)> Read(string file)
    {
        using var stream = Utf8LineReader.Open(file);
        var reader = new Utf8LineReader(stream, file);
        var previous = 0L;
        while (reader.TryRead(out var line))
        {
            if (reader.LineNumber == previous)
                throw new InvalidDataException($"{file}: line {previous} is longer than 4 MiB; expected lines of text.");
            previous = reader.LineNumber;
            yield return (previous, line.ToString());
        }
    }
}
