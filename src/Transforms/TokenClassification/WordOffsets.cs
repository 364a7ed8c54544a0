using System.Globalization;
using System.Text;

namespace BertMl.TokenClassification;

/// <summary>Entities in raw text as entities of words, and back.</summary>
public static class WordOffsets
{
    /// <summary>The UTF-16 units of each word.</summary>
    /// <param name="offsets">The UTF-16 units that each token covers.</param>
    /// <param name="wordIds">Which word each token is of; null for special tokens.</param>
    /// <returns>A range for each word up to the last that has a token; an empty one for a word that has none.</returns>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public static Range[] FromTokens(ReadOnlySpan<Range> offsets, ReadOnlySpan<int?> wordIds)
    {
        if (offsets.Length != wordIds.Length)
            throw new ArgumentException($"There are {offsets.Length} offsets and {wordIds.Length} word ids; expected one of each for each token.");
        var words = new List<Range>();
        for (var i = 0; i < offsets.Length; i++)
        {
            if (wordIds[i] is not { } word)
                continue;
            while (words.Count < word)
                words.Add(words is [.., var previous] ? previous.End..previous.End : 0..0);
            if (words.Count == word)
                words.Add(offsets[i]);
            else
                words[word] = words[word].Start..offsets[i].End;
        }
        return [.. words];
    }

    /// <summary>The tags of words that entities in the text give them. A word is of an entity where they share a character.</summary>
    /// <param name="entities">The entities, in UTF-16 units of the text.</param>
    /// <param name="words">The UTF-16 units of each word: see <see cref="FromTokens"/>.</param>
    /// <param name="textLength">The text's length in UTF-16 units.</param>
    /// <param name="scheme">The scheme. Default: IOB2.</param>
    /// <param name="row">The text's row, for errors.</param>
    /// <returns>A tag for each word. A word that two entities share is of the first; an entity without a word, as one that was cut off, is left out.</returns>
    /// <exception cref="ArgumentException">An entity is empty, lies outside of the text, has no type, or overlaps another; the row is named.</exception>
    public static string[] Tags(
        IEnumerable<EntitySpan> entities,
        IReadOnlyList<Range> words,
        int textLength,
        TagScheme scheme = TagScheme.Iob2,
        long? row = null
    )
    {
        ArgumentNullException.ThrowIfNull(entities);
        ArgumentNullException.ThrowIfNull(words);
        var spans = new List<EntitySpan>();
        var word = 0;
        foreach (var (start, end, label) in EntitySpans.Checked(entities, textLength, "UTF-16 units", row))
        {
            while (word < words.Count && words[word].End.Value <= start)
                word++;
            var first = word;
            while (word < words.Count && words[word].Start.Value < end)
                word++;
            if (first < word)
                spans.Add(new(first, word, label));
        }
        return EntityTags.Tags(spans, words.Count, scheme);
    }

    /// <summary>Where entities of words lie in the text.</summary>
    /// <param name="entities">The entities, with indices of words.</param>
    /// <param name="words">The UTF-16 units of each word.</param>
    /// <exception cref="ArgumentException">An entity is empty, lies outside of the words, has no type, or overlaps another.</exception>
    public static IReadOnlyList<EntitySpan> ToText(IEnumerable<EntitySpan> entities, IReadOnlyList<Range> words)
    {
        ArgumentNullException.ThrowIfNull(entities);
        ArgumentNullException.ThrowIfNull(words);
        return
        [
            .. EntitySpans
                .Checked(entities, words.Count, "words")
                .Select(entity => new EntitySpan(words[entity.Start].Start.Value, words[entity.End - 1].End.Value, entity.Label)),
        ];
    }

    /// <summary>
    /// The words of a text, whatever tokenizer will read it: runs of letters, digits and the marks on them; every other character that is no white space is a
    /// word by itself, and so is a Chinese one.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>The UTF-16 units of each word, in order.</returns>
    public static Range[] Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new List<Range>();
        var start = -1;
        for (var i = 0; i < text.Length; )
        {
            var end = i + (Rune.TryGetRuneAt(text, i, out var rune) ? rune.Utf16SequenceLength : 1);
            if (IsLetter(rune))
                start = start < 0 ? i : start;
            else
            {
                if (start >= 0)
                    words.Add(start..i);
                start = -1;
                if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune))
                    words.Add(i..end);
            }
            i = end;
        }
        if (start >= 0)
            words.Add(start..text.Length);
        return [.. words];
    }

    /// <summary>Words that are joined by single spaces, and where each of them lies.</summary>
    /// <param name="words">The words.</param>
    public static (string Text, Range[] Words) Join(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var ranges = new Range[words.Count];
        for (int i = 0, start = 0; i < words.Count; start = ranges[i].End.Value + 1, i++)
            ranges[i] = start..(start + words[i].Length);
        return (string.Join(' ', words), ranges);
    }

    // Chinese, Japanese and Korean ideographs stand without spaces between them.
    private static bool IsLetter(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.UppercaseLetter
                or UnicodeCategory.LowercaseLetter
                or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter
                or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.EnclosingMark
                or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.LetterNumber
                or UnicodeCategory.OtherNumber
        && rune.Value is not (>= 0x3400 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x3FFFF);
}
