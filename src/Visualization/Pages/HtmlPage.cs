using System.Net;
using System.Reflection;
using System.Text;
using BertMl.Files;

namespace BertMl.Pages;

/// <summary>
/// A page in one file: styles, scripts, data and pictures are in it, and its content security policy lets it ask nothing of the network. It is light or dark
/// as the reader's system is, and a button changes that.
/// </summary>
/// <param name="title">The heading, and the title of the window.</param>
/// <param name="caption">What is seen, in a sentence or two under the heading; plain text.</param>
public sealed class HtmlPage(string title, string caption)
{
    private const string Policy =
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    // The system's choice, then the button's.
    private static readonly string Themes = string.Join(
        '\n',
        $":root{{{Theme.Light.ToCss()}}}",
        $"@media (prefers-color-scheme:dark){{:root{{{Theme.Dark.ToCss()}}}}}",
        $":root[data-theme=light]{{{Theme.Light.ToCss()}}}",
        $":root[data-theme=dark]{{{Theme.Dark.ToCss()}}}"
    );

    private readonly List<HtmlFragment> _fragments = [];

    /// <summary>Adds a part at the end.</summary>
    /// <param name="fragment">The part.</param>
    /// <returns>This page.</returns>
    public HtmlPage Add(HtmlFragment fragment)
    {
        ArgumentNullException.ThrowIfNull(fragment);
        _fragments.Add(fragment);
        return this;
    }

    /// <summary>The whole page as HTML.</summary>
    public string ToHtml()
    {
        var content = HtmlFragment.Concat(_fragments);
        var styles = string.Concat(content.Styles.Prepend("page.css").Select(Resource));
        var scripts = string.Concat(content.Scripts.Prepend("page.js").Select(name => $"<script>\n{Resource(name)}</script>\n"));
        return $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{{Policy}}">
            <link rel="icon" href="data:,">
            <title>{{WebUtility.HtmlEncode(title)}}</title>
            <style>
            {{Themes}}
            {{styles}}</style>
            </head>
            <body>
            <header class="page-header">
            <div><h1>{{WebUtility.HtmlEncode(title)}}</h1><p class="caption">{{WebUtility.HtmlEncode(caption)}}</p></div>
            <button type="button" class="theme-button" hidden>Dark</button>
            </header>
            <main>
            <noscript><p>The interactive parts of this page need JavaScript.</p></noscript>
            {{content.Markup}}
            </main>
            {{scripts}}</body>
            </html>

            """;
    }

    /// <summary>Writes the page, whole or not at all. Its folder is made where it does not exist.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path) => OutputFile.Write(path, Encoding.UTF8.GetBytes(ToHtml()));

    private static string Resource(string name)
    {
        using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The assembly has no resource {name}.");
        return new StreamReader(stream).ReadToEnd();
    }
}
