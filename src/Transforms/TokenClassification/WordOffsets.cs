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
}
