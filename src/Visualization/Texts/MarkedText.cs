using System.Globalization;
using System.Text;
using BertMl.Pages;
using BertMl.Scoring;
using BertMl.TokenClassification;

namespace BertMl.Texts;

/// <summary>A part of a text and how much it speaks for a label: below 0, against it.</summary>
/// <param name="Start">The first UTF-16 unit in the text.</param>
/// <param name="End">The end in the text, excluded.</param>
/// <param name="Score">The score, of any scale.</param>
public readonly record struct ScoredSpan(int Start, int End, double Score);

/// <summary>Texts with coloured parts, for a page.</summary>
public static class MarkedText
{
    // A part's colour never hides its letters.
    private const double StrongestShade = 42;

    /// <summary>
    /// Why this label: the parts that speak for it and against it, the stronger the deeper their colour. The scores are in the parts' tool tips.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="spans">Its tokens or words, in order and without overlap.</param>
    /// <param name="label">The label that they speak for.</param>
    /// <exception cref="ArgumentException">A span is outside the text, overlaps another, or has a score that is not finite; it is named.</exception>
    public static HtmlFragment Scores(string text, IReadOnlyList<ScoredSpan> spans, string label)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(label);
        for (var i = 0; i < spans.Count; i++)
            if (!double.IsFinite(spans[i].Score))
                throw new ArgumentException($"Span {i} has the score {spans[i].Score}.", nameof(spans));
        var strongest = Math.Max(spans.Select(span => Math.Abs(span.Score)).DefaultIfEmpty().Max(), double.Epsilon);
        var legend = $"<p class=\"muted\"><mark class=\"for\">for</mark> and <mark class=\"against\">against</mark> {HtmlFragment.Encode(label)}</p>";
        return Marked(
            text,
            [.. spans.Select(span => (span.Start, span.End))],
            (i, part) =>
            {
                var shade = StrongestShade * Math.Abs(spans[i].Score) / strongest;
                var kind = spans[i].Score < 0 ? "against" : "for";
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"<mark class=\"{kind}\" style=\"--shade:{shade:F0}%\" title=\"{spans[i].Score:+0.000;-0.000}\">{part}</mark>"
                );
            },
            legend
        );
    }

    /// <summary>Why this label: a text with its parts coloured.</summary>
    /// <param name="explanation">What an explaining transformer gave.</param>
    /// <exception cref="ArgumentException">A score is not finite; its part is named.</exception>
    public static HtmlFragment Scores(TextExplanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        return Scores(explanation.Text, [.. explanation.Parts.Select(part => new ScoredSpan(part.Start, part.End, part.Score))], explanation.Label);
    }

    /// <summary>The entities of a text, each with its type.</summary>
    /// <param name="text">The text.</param>
    /// <param name="entities">The entities, in order and without overlap.</param>
    /// <param name="types">
    /// All types of the page, so that each has one colour in all of its texts; null (the default): those of this text.
    /// </param>
    /// <exception cref="ArgumentException">An entity is outside the text, or overlaps another; it is named.</exception>
    public static HtmlFragment Entities(string text, IReadOnlyList<Entity> entities, IReadOnlyList<string>? types = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(entities);
        // Types have their colours in ordinal order, not in that of the text.
        var labels = (types ?? []).Concat(entities.Select(entity => entity.Label)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return Marked(
            text,
            [.. entities.Select(entity => (entity.Start, entity.End))],
            (i, part) =>
            {
                var (label, score) = (entities[i].Label, entities[i].Score);
                var colour = labels.IndexOf(label) % Theme.Light.Series.Count;
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"<mark class=\"entity\" style=\"--colour:var(--series-{colour})\" title=\"{score:F3}\">{part} "
                        + $"<small>{HtmlFragment.Encode(label)}</small></mark>"
                );
            },
            ""
        );
    }

    private static HtmlFragment Marked(string text, IReadOnlyList<(int Start, int End)> spans, Func<int, string, string> mark, string legend)
    {
        var markup = new StringBuilder("<div class=\"marked\"><p>");
        var end = 0;
        for (var i = 0; i < spans.Count; i++)
        {
            var span = spans[i];
            if (span.Start < end || span.End < span.Start || span.End > text.Length)
                throw new ArgumentException(
                    $"Span {i}, {span.Start} to {span.End}, must start at {end} or later and end in the text, which is {text.Length} long.",
                    nameof(spans)
                );
            markup.Append(HtmlFragment.Encode(text[end..span.Start]));
            markup.Append(mark(i, HtmlFragment.Encode(text[span.Start..span.End])));
            end = span.End;
        }
        markup.Append(HtmlFragment.Encode(text[end..])).Append("</p>").Append(legend).Append("</div>");
        return new(markup.ToString()) { Styles = ["text.css"] };
    }
}
