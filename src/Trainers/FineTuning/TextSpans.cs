using BertMl.Files;
using BertMl.TokenClassification;

namespace BertMl.FineTuning;

/// <summary>Checks that spans beside a raw text are entities of its words.</summary>
/// <param name="text">The text.</param>
/// <param name="words">The UTF-16 units of its words, in order.</param>
/// <param name="scheme">The scheme of the tags that the spans become.</param>
internal sealed class TextSpans(string text, Range[] words, TagScheme scheme)
{
    /// <summary>What is wrong with a span's label; null: nothing. It must be a type (PER), and no tag (B-PER, O).</summary>
    public string? WrongLabel(EntitySpan span)
    {
        if (string.IsNullOrWhiteSpace(span.Label))
            return $"{Describe(span)} has an empty label; expected a type, as PER.";
        if (span.Label is "O")
            return $"{Describe(span)} has the label O; expected a type, as PER. What no span covers is O by itself.";
        return Tag.TryParse(span.Label, Tag.Prefixes(scheme), out var tag)
            ? $"{Describe(span)} has the tag '{Excerpt.Of(span.Label)}' as its label; expected its type alone, '{Excerpt.Of(tag.Type)}': "
                + $"the prefix {tag.Prefix}- of {scheme} is given to each word by itself."
            : null;
    }

    /// <summary>
    /// Where a span is not one of whole words; null: it is, so that each piece of it, and none besides, can have its label. White space at its ends does not
    /// matter.
    /// </summary>
    public string? WrongEnds(EntitySpan span)
    {
        var first = Array.FindIndex(words, word => word.End.Value > span.Start);
        if (first < 0 || words[first].Start.Value >= span.End)
            return $"{Describe(span)} has no word in it; expected one or more.";
        if (words[first].Start.Value < span.Start)
            return Within("begins", words[first]);
        var last = Array.FindLastIndex(words, word => word.Start.Value < span.End);
        return words[last].End.Value > span.End ? Within("ends", words[last]) : null;

        string Within(string what, Range word) =>
            $"{Describe(span)} {what} within the word '{Excerpt.Of(text[word])}' ({word}); expected a span that begins and ends where words do: runs of "
            + $"letters and digits, and each other character by itself. The option {nameof(BertTokenClassificationTrainer.Options.RepairTags)} widens it to "
            + "whole words; or give the words themselves, a vector of text, with a tag for each.";
    }

    private string Describe(EntitySpan span) => $"entity {span.Start}..{span.End} '{Excerpt.Of(span.Label)}' ('{Excerpt.Of(text[span.Start..span.End])}')";
}
