namespace BertMl.Pages;

/// <summary>A part of a page: its markup, and the style sheets and scripts of this assembly that it needs.</summary>
/// <param name="Markup">HTML that goes into the page as it is. Text from outside must have been encoded (<see cref="System.Net.WebUtility.HtmlEncode(string)"/>).</param>
public sealed record HtmlFragment(string Markup)
{
    /// <summary>Names of embedded style sheets.</summary>
    internal IReadOnlyList<string> Styles { get; init; } = [];

    /// <summary>Names of embedded scripts, in the order in which they run.</summary>
    internal IReadOnlyList<string> Scripts { get; init; } = [];

    /// <summary>Several fragments as one, one after the other.</summary>
    /// <param name="fragments">The fragments.</param>
    public static HtmlFragment Concat(IEnumerable<HtmlFragment> fragments)
    {
        var all = fragments.ToList();
        return new(string.Join('\n', all.Select(fragment => fragment.Markup)))
        {
            Styles = [.. all.SelectMany(fragment => fragment.Styles).Distinct()],
            Scripts = [.. all.SelectMany(fragment => fragment.Scripts).Distinct()],
        };
    }
}
