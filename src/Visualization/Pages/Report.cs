using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace BertMl.Pages;

/// <summary>What a program did and what came out, as one page with numbered sections.</summary>
/// <param name="title">The heading.</param>
/// <param name="caption">What it is about, in a sentence or two; plain text.</param>
public sealed class Report(string title, string caption)
{
    // With fewer sections the page needs no contents.
    private const int FewSections = 3;
    private readonly List<(string Title, HtmlFragment Content)> _sections = [];

    // Less the commit, which stands after a plus sign.
    private static string Version =>
        typeof(Report).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>The facts of this run: when, where and with what.</summary>
    public static IReadOnlyList<(string Name, string Value)> RunFacts =>
        [
            ("Date", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            ("System", RuntimeInformation.OSDescription),
            ("Processor", $"{Environment.ProcessorCount} cores, {RuntimeInformation.ProcessArchitecture}"),
            (".NET", RuntimeInformation.FrameworkDescription),
            ("BertMl", Version),
        ];

    /// <summary>Adds a section at the end.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="content">What is in it.</param>
    /// <returns>This report.</returns>
    public Report Add(string title, params IEnumerable<HtmlFragment> content)
    {
        ArgumentNullException.ThrowIfNull(title);
        _sections.Add((title, HtmlFragment.Concat(content)));
        return this;
    }

    /// <summary>The page.</summary>
    public HtmlPage ToPage()
    {
        var page = new HtmlPage(title, caption);
        if (_sections.Count > FewSections)
            page.Add(new($"<nav aria-label=\"Contents\"><ol>{string.Concat(_sections.Select(Link))}</ol></nav>") { Styles = ["report.css"] });
        for (var i = 0; i < _sections.Count; i++)
        {
            var (name, content) = _sections[i];
            page.Add(content with { Markup = $"<section class=\"panel\" id=\"{Id(i)}\"><h2>{HtmlFragment.Encode(name)}</h2>\n{content.Markup}\n</section>" });
        }
        return page;

        string Link((string Title, HtmlFragment Content) section, int i) => $"<li><a href=\"#{Id(i)}\">{HtmlFragment.Encode(section.Title)}</a></li>";
        static string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"section-{i + 1}");
    }

    /// <summary>Writes the page, whole or not at all. Its folder is made where it does not exist.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path) => ToPage().Save(path);
}
