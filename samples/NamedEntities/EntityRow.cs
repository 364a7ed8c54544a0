using BertMl.TokenClassification;

namespace BertMl.Samples;

/// <summary>A text with its entities, as words with tags and as spans: the columns that are learned from.</summary>
internal sealed class EntityRow
{
    /// <summary>The text.</summary>
    public string Text { get; set; } = "";

    /// <summary>Its words.</summary>
    public string[] Words { get; set; } = [];

    /// <summary>The tag of each word: O, B-type, I-type ...</summary>
    public string[] Tags { get; set; } = [];

    /// <summary>The type of each entity.</summary>
    public string[] Labels { get; set; } = [];

    /// <summary>The first UTF-16 unit of each entity.</summary>
    public int[] Starts { get; set; } = [];

    /// <summary>The end of each entity, excluded.</summary>
    public int[] Ends { get; set; } = [];

    /// <summary>The entities as spans of the text.</summary>
    public IReadOnlyCollection<EntitySpan> Spans() => [.. Labels.Select((label, i) => new EntitySpan(Starts[i], Ends[i], label))];

    /// <summary>Raw text, and where its entities are.</summary>
    public static EntityRow Of(EntityText row)
    {
        var words = WordOffsets.Split(row.Text);
        return new()
        {
            Text = row.Text,
            Words = [.. words.Select(word => row.Text[word])],
            Tags = WordOffsets.Tags(row.Entities, words, row.Text.Length),
            Labels = [.. row.Entities.Select(entity => entity.Label)],
            Starts = [.. row.Entities.Select(entity => entity.Start)],
            Ends = [.. row.Entities.Select(entity => entity.End)],
        };
    }

    /// <summary>Words and their tags.</summary>
    public static EntityRow Of(IReadOnlyList<string> words, IReadOnlyList<string> tags)
    {
        var (text, ranges) = WordOffsets.Join(words);
        var spans = WordOffsets.ToText(EntityTags.Entities(tags), ranges);
        return new()
        {
            Text = text,
            Words = [.. words],
            Tags = [.. tags],
            Labels = [.. spans.Select(entity => entity.Label)],
            Starts = [.. spans.Select(entity => entity.Start)],
            Ends = [.. spans.Select(entity => entity.End)],
        };
    }
}

/// <summary>What was found in a text.</summary>
internal sealed class FoundRow
{
    /// <summary>The text.</summary>
    public string Text { get; set; } = "";

    /// <summary>The type of each entity.</summary>
    public string[] Entities { get; set; } = [];

    /// <summary>The score of each entity.</summary>
    public float[] EntityScores { get; set; } = [];

    /// <summary>The first UTF-16 unit of each entity.</summary>
    public int[] EntityStarts { get; set; } = [];

    /// <summary>The end of each entity, excluded.</summary>
    public int[] EntityEnds { get; set; } = [];

    /// <summary>The entities with their scores.</summary>
    public IReadOnlyList<Entity> All() => [.. Entities.Select((label, i) => new Entity(label, EntityScores[i], EntityStarts[i], EntityEnds[i]))];

    /// <summary>The entities as spans of the text.</summary>
    public IReadOnlyCollection<EntitySpan> Spans() => [.. Entities.Select((label, i) => new EntitySpan(EntityStarts[i], EntityEnds[i], label))];
}
