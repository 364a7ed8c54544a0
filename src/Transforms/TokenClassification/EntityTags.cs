using BertMl.Files;

namespace BertMl.TokenClassification;

/// <summary>The entities that the tags of a sentence mark, and the tags that mark entities.</summary>
public static class EntityTags
{
    // All schemes together.
    internal const string LenientPrefixes = "OBIESLU";

    /// <summary>
    /// Reads entities leniently, as CoNLL's own evaluation and seqeval's default mode do: an entity begins also at an I that nothing goes before, and where the
    /// type changes. L and U count as E and S.
    /// </summary>
    /// <param name="tags">A tag for each word: O, or B, I, E (L) or S (U) with a hyphen and the type.</param>
    /// <returns>The entities in order, with indices of words.</returns>
    /// <exception cref="ArgumentException">A tag has another form; its word is named.</exception>
    public static IReadOnlyList<EntitySpan> Entities(IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var entities = new List<EntitySpan>();
        var (previous, start) = (Tag.Outside, 0);
        for (var i = 0; i <= tags.Count; i++)
        {
            var tag = i < tags.Count ? Parse(tags, i, LenientPrefixes) : Tag.Outside;
            var isNew = previous.Prefix is 'E' or 'L' or 'S' or 'U' or 'O' || tag.Type != previous.Type;
            var starts = tag.Prefix is 'B' or 'S' or 'U' || tag.Prefix is not 'O' && isNew;
            if (previous.Prefix is not 'O' && (starts || tag.Prefix is 'O'))
                entities.Add(new(start, i, previous.Type));
            start = starts ? i : start;
            previous = tag;
        }
        return entities;
    }

    /// <summary>Reads entities strictly: only what the scheme allows is an entity (seqeval's strict mode).</summary>
    /// <param name="tags">A tag for each word.</param>
    /// <param name="scheme">The scheme.</param>
    /// <returns>The entities in order, with indices of words.</returns>
    /// <exception cref="ArgumentException">A tag is not of the scheme; its word is named.</exception>
    public static IReadOnlyList<EntitySpan> Entities(IReadOnlyList<string> tags, TagScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var prefixes = Tag.Prefixes(scheme);
        var parsed = Enumerable.Range(0, tags.Count).Select(i => Parse(tags, i, prefixes)).Append(Tag.Outside).ToArray();
        var entities = new List<EntitySpan>();
        for (var i = 0; i < tags.Count; )
        {
            var (start, type) = (i, parsed[i].Type);
            if (parsed[i++].Prefix is var first && first is 'S' or 'U')
                entities.Add(new(start, i, type));
            if (first is not 'B')
                continue;
            while (parsed[i] == new Tag('I', type))
                i++;
            if (scheme == TagScheme.Iob2)
                entities.Add(new(start, i, type));
            else if (parsed[i].Prefix is 'E' or 'L' && parsed[i].Type == type)
                entities.Add(new(start, ++i, type));
        }
        return entities;
    }

    /// <summary>Writes the tags of entities.</summary>
    /// <param name="entities">The entities, with indices of words; they do not overlap.</param>
    /// <param name="words">The number of words.</param>
    /// <param name="scheme">The scheme. Default: IOB2.</param>
    /// <returns>A tag for each word.</returns>
    /// <exception cref="ArgumentException">An entity is empty, lies outside of the words, or overlaps another.</exception>
    public static string[] Tags(IEnumerable<EntitySpan> entities, int words, TagScheme scheme = TagScheme.Iob2)
    {
        ArgumentNullException.ThrowIfNull(entities);
        var (last, single) = scheme switch
        {
            TagScheme.Iob2 => ('I', 'B'),
            TagScheme.Iobes => ('E', 'S'),
            _ => ('L', 'U'),
        };
        var tags = new string[words];
        Array.Fill(tags, "O");
        foreach (var (start, end, type) in EntitySpans.Checked(entities, words, "words"))
        {
            for (var i = start; i < end; i++)
                tags[i] = new Tag(i == start ? 'B' : 'I', type).ToString();
            tags[end - 1] = new Tag(end - start == 1 ? single : last, type).ToString();
        }
        return tags;
    }

    private static Tag Parse(IReadOnlyList<string> tags, int word, string prefixes) =>
        Tag.TryParse(tags[word], prefixes, out var tag)
            ? tag
            : throw new ArgumentException(
                $"The tag of word {word} is '{Excerpt.Of(tags[word])}'; expected O, or one of {string.Join(", ", prefixes[1..].ToCharArray())} with a hyphen "
                    + $"and the type, as in B-PER."
            );
}
