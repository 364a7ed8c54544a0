using BertMl.Files;
using BertMl.Tokenization;

namespace BertMl.Pretraining;

/// <summary>A line of a corpus.</summary>
/// <param name="Text">Its text, never blank; valid until the next line is read.</param>
/// <param name="Document">Number of the document that it is of: lines of a document follow each other.</param>
internal readonly record struct CorpusLine(ReadOnlyMemory<char> Text, long Document);

/// <summary>Text files read as documents.</summary>
internal static class Corpus
{
    /// <summary>Reads the lines of all files, one after the other.</summary>
    /// <exception cref="InvalidDataException">A file is not UTF-8; file and line are named.</exception>
    public static IEnumerable<CorpusLine> Read(IEnumerable<string> files, CorpusFormat format)
    {
        var document = 0L;
        foreach (var file in files)
        {
            using var stream = Utf8LineReader.Open(file);
            var reader = new Utf8LineReader(stream, file);
            var (previousLine, ended) = (0L, false);
            document++;
            while (reader.TryRead(out var line))
            {
                // A further piece of a long line begins nothing.
                var isNewLine = reader.LineNumber > previousLine;
                previousLine = reader.LineNumber;
                if (isNewLine && (format == CorpusFormat.DocumentPerLine || (format == CorpusFormat.BlankLineSeparated && ended)))
                    document++;
                var isBlank = line.Span.IsWhiteSpace();
                ended = isBlank && isNewLine;
                if (!isBlank)
                    yield return new(line, document);
            }
        }
    }
}
