namespace BertMl.Gpu;

/// <summary>A text and its class, of the data that <c>dotnet new bertml-classifier</c> comes with.</summary>
internal sealed class LabelledRow
{
    public string Text { get; init; } = "";
    public string Label { get; init; } = "";

    /// <summary>The rows of that data, over and over, each with its number: texts of many lengths.</summary>
    public static IReadOnlyList<LabelledRow> Take(int count)
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "packaging", "templates", "bertml-classifier", "data.tsv"))
            .Skip(1)
            .Select(line => line.Split('\t'))
            .ToList();
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new LabelledRow
                {
                    Text = string.Join(' ', Enumerable.Repeat(rows[i % rows.Count][0], 1 + (i % 5))) + $" {i}",
                    Label = rows[i % rows.Count][1],
                }),
        ];
    }
}
