using BertMl.Files;

namespace BertMl.Datasets;

/// <summary>Reads the files of GLUE's tasks: tab-separated columns without quoting, named by the first line.</summary>
internal static class GlueFile
{
    // The names that GLUE's tasks and the like have for a text and its pair.
    private static readonly (string Text, string? Pair)[] TextColumns =
    [
        ("sentence1", "sentence2"),
        ("question1", "question2"),
        ("premise", "hypothesis"),
        ("question", "sentence"),
        ("#1 String", "#2 String"),
        ("sentence", null),
        ("text", null),
    ];

    private static readonly string[] LabelColumns = ["gold_label", "label", "is_duplicate", "score", "similarity", "Quality"];

    /// <summary>Reads the rows of a file in order.</summary>
    /// <exception cref="InvalidDataException">A column is missing, a line has another number of columns than the first, or a text or label is
    /// empty.</exception>
    public static IEnumerable<GlueExample> Read(string file)
    {
        using var lines = TextLines.Read(file).GetEnumerator();
        if (!lines.MoveNext())
            throw new InvalidDataException($"{file} is empty; expected a line with the names of the columns.");
        var names = lines.Current.Text.Split('\t');
        int Find(string? name) => Array.FindIndex(names, other => other.Equals(name, StringComparison.OrdinalIgnoreCase));
        var (text, pair) = TextColumns
            .Select(columns => (Text: Find(columns.Text), Pair: columns.Pair is null ? -1 : Find(columns.Pair), IsPair: columns.Pair is not null))
            .Where(columns => columns.Text >= 0 && columns.Pair >= 0 == columns.IsPair)
            .Select(columns => (columns.Text, columns.Pair))
            .FirstOrDefault((Text: -1, Pair: -1));
        var label = LabelColumns.Select(Find).FirstOrDefault(column => column >= 0, -1);
        if (text < 0 || label < 0)
            throw new InvalidDataException(
                $"{file}: line 1 names the columns {Excerpt.Of(names)}; expected sentence (or sentence1 and sentence2, or as another GLUE "
                    + $"task has it) and label."
            );
        while (lines.MoveNext())
        {
            var (number, line) = lines.Current;
            if (line.Length == 0)
                continue;
            var fields = line.Split('\t');
            if (fields.Length != names.Length)
                throw new InvalidDataException($"{file}: the number of columns of line {number} is {fields.Length}; line 1 names {names.Length}.");
            string Field(int column) =>
                !string.IsNullOrWhiteSpace(fields[column])
                    ? fields[column]
                    : throw new InvalidDataException($"{file}: line {number}: the column {Excerpt.Of(names[column])} is empty.");
            yield return new()
            {
                Text = Field(text),
                Pair = pair < 0 ? "" : Field(pair),
                Label = Field(label).Trim(),
            };
        }
    }
}
