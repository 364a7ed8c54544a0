using System.Net;
using System.Text.Json;
using BertMl.Files;

namespace BertMl.Pages;

/// <summary>A part of a page: its markup, and the style sheets and scripts of this assembly that it needs.</summary>
/// <param name="Markup">HTML that goes into the page as it is. Text from outside must have been encoded (<see cref="WebUtility.HtmlEncode(string)"/>).</param>
public sealed record HtmlFragment(string Markup)
{
    /// <summary>Names of embedded style sheets.</summary>
    internal IReadOnlyList<string> Styles { get; init; } = [];

    /// <summary>Names of embedded scripts, in the order in which they run.</summary>
    internal IReadOnlyList<string> Scripts { get; init; } = [];

    /// <summary>Several fragments as one, one after the other.</summary>
    /// <param name="fragments">The fragments.</param>
    public static HtmlFragment Concat(params IEnumerable<HtmlFragment> fragments)
    {
        var all = fragments.ToList();
        return new(string.Join('\n', all.Select(fragment => fragment.Markup)))
        {
            Styles = [.. all.SelectMany(fragment => fragment.Styles).Distinct()],
            Scripts = [.. all.SelectMany(fragment => fragment.Scripts).Distinct()],
        };
    }

    /// <summary>A paragraph.</summary>
    /// <param name="text">Plain text.</param>
    public static HtmlFragment Paragraph(string text) => new($"<p>{Encode(text)}</p>");

    /// <summary>A heading below that of a section.</summary>
    /// <param name="text">Plain text.</param>
    public static HtmlFragment Heading(string text) => new($"<h3>{Encode(text)}</h3>");

    /// <summary>Lines of code, or what a program printed, as they are.</summary>
    /// <param name="text">Plain text.</param>
    public static HtmlFragment Code(string text) => new($"<pre tabindex=\"0\"><code>{Encode(text)}</code></pre>") { Styles = ["report.css"] };

    /// <summary>Names and values, as the facts of a run.</summary>
    /// <param name="facts">The facts.</param>
    public static HtmlFragment Facts(params IEnumerable<(string Name, string Value)> facts) =>
        new($"<dl>{string.Concat(facts.Select(fact => $"<div><dt>{Encode(fact.Name)}</dt><dd>{Encode(fact.Value)}</dd></div>"))}</dl>")
        {
            Styles = ["report.css"],
        };

    /// <summary>A table. Columns of numbers stand to the right.</summary>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="rows">Plain text: a cell for each column. The first one names the row.</param>
    /// <exception cref="ArgumentException">A row has another number of cells; it is named.</exception>
    public static HtmlFragment Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        for (var row = 0; row < rows.Count; row++)
            if (rows[row].Count != columns.Count)
                throw new ArgumentException($"Row {row} has {rows[row].Count} cells; the table has {columns.Count} columns.", nameof(rows));
        var numeric = columns.Select((_, i) => rows.Any(row => row[i].Length > 0) && rows.All(row => IsNumber(row[i]))).ToList();
        var head = string.Concat(columns.Select((name, i) => $"<th scope=\"col\"{Class(i)}>{Encode(name)}</th>"));
        var body = string.Concat(rows.Select(row => $"<tr>{string.Concat(row.Select(Cell))}</tr>"));
        return new($"<div class=\"table\" tabindex=\"0\"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>") { Styles = ["report.css"] };

        string Class(int column) => numeric[column] ? " class=\"number\"" : "";
        string Cell(string text, int column) =>
            column == 0 ? $"<th scope=\"row\"{Class(column)}>{Encode(text)}</th>" : $"<td{Class(column)}>{Encode(text)}</td>";
    }

    /// <summary>Writes the fragment, for a page that is made later.</summary>
    /// <param name="path">The file; its folder is made where it does not exist.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path) => OutputFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(new Stored(Markup, Styles, Scripts)));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is something else, or is damaged.</exception>
    public static HtmlFragment Load(string path)
    {
        using var json = new MemoryStream(InputFile.ReadAllBytes(path));
        return JsonObjects.Read<Stored>(json, path) is { Markup: not null, Styles: not null, Scripts: not null } stored
            ? new(stored.Markup) { Styles = stored.Styles, Scripts = stored.Scripts }
            : throw new InvalidDataException($"{path}: this is no part of a page.");
    }

    private sealed record Stored(string Markup, IReadOnlyList<string> Styles, IReadOnlyList<string> Scripts);

    internal static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static bool IsNumber(string cell) => cell.Length == 0 || char.IsAsciiDigit(cell[0]) || (cell[0] is '-' or '+' or '−' && cell.Length > 1);
}
