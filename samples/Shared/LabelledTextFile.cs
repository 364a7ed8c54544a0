using System.Text;

namespace BertMl.Samples;

/// <summary>
/// Labelled texts in a file with a header, a column <c>label</c> and a column <c>sentence</c> (as GLUE calls it) or <c>text</c>: tab-separated without quoting,
/// as GLUE ships its tasks, or comma-separated with quoting (RFC 4180) where the name ends in .csv.
/// </summary>
internal static class LabelledTextFile
{
    private static readonly string[] TextColumns = ["sentence", "text"];

    /// <summary>Reads all rows, in order.</summary>
    /// <exception cref="InvalidDataException">The file is not as said; the line is named.</exception>
    public static IReadOnlyList<LabelledText> Read(string path)
    {
        var records = (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? ReadCommaSeparated(path) : ReadTabSeparated(path)).GetEnumerator();
        using var _ = records;
        if (!records.MoveNext())
            throw new InvalidDataException($"{path} is empty: expected a header with the columns label and sentence (or text).");
        var header = records.Current.Fields;
        var text = Array.FindIndex(header, name => TextColumns.Contains(name, StringComparer.OrdinalIgnoreCase));
        var label = Array.FindIndex(header, name => name.Equals("label", StringComparison.OrdinalIgnoreCase));
        if (text < 0 || label < 0)
            throw new InvalidDataException($"{path}: the header must name the columns label and sentence (or text); it names {string.Join(", ", header)}.");

        var rows = new List<LabelledText>();
        while (records.MoveNext())
        {
            var (line, fields) = records.Current;
            if (fields.Length != header.Length)
                throw new InvalidDataException($"{path}, line {line}: expected {header.Length} columns, as the header has, found {fields.Length}.");
            if (string.IsNullOrWhiteSpace(fields[label]))
                throw new InvalidDataException($"{path}, line {line}: the label is empty.");
            rows.Add(new() { Text = fields[text], Label = fields[label].Trim() });
        }
        return rows;
    }

    private static IEnumerable<(int Line, string[] Fields)> ReadTabSeparated(string path)
    {
        using var reader = Open(path);
        for (var line = 1; ReadLine(reader, path, line) is { } text; line++)
            if (text.Length > 0)
                yield return (line, text.Split('\t'));
    }

    private static IEnumerable<(int Line, string[] Fields)> ReadCommaSeparated(string path)
    {
        using var reader = Open(path);
        var line = 0;
        while (ReadLine(reader, path, ++line) is { } text)
        {
            if (text.Length == 0)
                continue;
            var first = line;
            string[]? fields;
            // A quoted field may hold line breaks.
            while ((fields = SplitQuoted(text)) is null)
                text += "\n" + (ReadLine(reader, path, ++line) ?? throw new InvalidDataException($"{path}, line {first}: a quoted field has no end."));
            yield return (first, fields);
        }
    }

    // The fields of a record, or null where a quoted field is still open at its end.
    private static string[]? SplitQuoted(string record)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < record.Length; i++)
        {
            var c = record[i];
            if (quoted && c == '"' && i + 1 < record.Length && record[i + 1] == '"')
                field.Append(record[++i]);
            else if (c == '"' && (quoted || field.Length == 0))
                quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
                field.Append(c);
        }
        fields.Add(field.ToString());
        return quoted ? null : [.. fields];
    }

    private static StreamReader Open(string path) => new(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));

    private static string? ReadLine(StreamReader reader, string path, int line)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"{path} is not UTF-8, at line {line} or soon after it.", error);
        }
    }
}
