using System.Numerics.Tensors;

namespace BertMl.TokenClassification;

/// <summary>Entities from the probabilities of tokens, as Hugging Face's token-classification pipeline finds them.</summary>
public static class EntityPipeline
{
    /// <summary>Finds the entities of a text.</summary>
    /// <param name="windows">
    /// The windows of the text, in order. Entities of several windows that overlap are one: the longer one, or else the surer one. An entity that a window cuts
    /// stays cut: to have none, join the windows first (<see cref="TokenWindow.Join"/>).
    /// </param>
    /// <param name="tags">The names of the tags: "O", "B-PER", "I-PER" ...</param>
    /// <param name="strategy">How tokens become entities. Default: <see cref="AggregationStrategy.Simple"/>.</param>
    /// <param name="ignoredLabels">Tags and types that are left out; null: "O".</param>
    /// <exception cref="ArgumentException">A window has another number of tags than there are names.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such strategy.</exception>
    public static IReadOnlyList<Entity> Find(
        IReadOnlyList<TokenWindow> windows,
        IReadOnlyList<string> tags,
        AggregationStrategy strategy = AggregationStrategy.Simple,
        IReadOnlyCollection<string>? ignoredLabels = null
    )
    {
        ArgumentNullException.ThrowIfNull(windows);
        ArgumentNullException.ThrowIfNull(tags);
        if (!Enum.IsDefined(strategy))
            throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "Unknown aggregation strategy.");
        var entities = new List<Entity>();
        foreach (var window in windows)
        {
            Check(window, tags);
            var tagged = strategy is AggregationStrategy.None or AggregationStrategy.Simple ? Tokens(window) : Words(window, strategy);
            entities.AddRange(
                strategy == AggregationStrategy.None
                    ? tagged.Select(token => new Entity(tags[token.Tag], token.Score, token.Start, token.End))
                    : Group(tagged, tags)
            );
        }
        entities.RemoveAll(entity => ignoredLabels?.Contains(entity.Label) ?? entity.Label is "O");
        return windows.Count > 1 ? MergeOverlapping(entities) : entities;
    }

    /// <summary>The labels that entities can have: tags where each token is an entity, else types.</summary>
    /// <param name="tags">The names of the tags.</param>
    /// <param name="strategy">How tokens become entities.</param>
    internal static IReadOnlyList<string> EntityLabels(IReadOnlyList<string> tags, AggregationStrategy strategy) =>
        strategy == AggregationStrategy.None ? tags : [.. tags.Select(tag => Split(tag, tags).Type).Distinct(StringComparer.Ordinal)];

    /// <summary>Finds the tag of each word of a text.</summary>
    /// <param name="window">The text; of a long one, its windows joined (<see cref="TokenWindow.Join"/>).</param>
    /// <param name="tags">The names of the tags.</param>
    /// <param name="strategy">How the tokens of a word become one tag. Default: <see cref="AggregationStrategy.First"/>.</param>
    /// <returns>The words that have a token, in order.</returns>
    /// <exception cref="ArgumentException">The window has another number of tags than there are names.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The strategy is not one of words: First, Average or Max.</exception>
    public static IReadOnlyList<WordTag> FindWordTags(TokenWindow window, IReadOnlyList<string> tags, AggregationStrategy strategy = AggregationStrategy.First)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(tags);
        if (strategy is not (AggregationStrategy.First or AggregationStrategy.Average or AggregationStrategy.Max))
            throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "Expected a strategy of words: First, Average or Max.");
        Check(window, tags);
        return [.. Words(window, strategy).Select(word => new WordTag(word.Word, tags[word.Tag], word.Score, word.Start, word.End))];
    }

    private static void Check(TokenWindow window, IReadOnlyList<string> tags)
    {
        if (window.TagCount != tags.Count)
            throw new ArgumentException($"A window has {window.TagCount} tags; there are {tags.Count} names.", nameof(tags));
    }

    private static List<Tagged> Tokens(TokenWindow window)
    {
        var tokens = new List<Tagged>(window.Count);
        for (var i = 0; i < window.Count; i++)
            tokens.Add(Best(window.Probabilities(i), window.Token(i), window.Token(i).End));
        return tokens;
    }

    private static List<Tagged> Words(TokenWindow window, AggregationStrategy strategy)
    {
        var words = new List<Tagged>();
        for (var first = 0; first < window.Count; )
        {
            var end = first + 1;
            while (end < window.Count && window.Token(end).Word == window.Token(first).Word)
                end++;
            words.Add(Best(WordProbabilities(window, first, end, strategy), window.Token(first), window.Token(end - 1).End));
            first = end;
        }
        return words;
    }

    private static ReadOnlySpan<float> WordProbabilities(TokenWindow window, int first, int end, AggregationStrategy strategy)
    {
        if (strategy == AggregationStrategy.Average)
        {
            var mean = new float[window.TagCount];
            for (var i = first; i < end; i++)
                TensorPrimitives.Add(mean, window.Probabilities(i), mean);
            TensorPrimitives.Divide(mean, end - first, mean);
            return mean;
        }
        var chosen = first;
        for (var i = first + 1; i < end && strategy == AggregationStrategy.Max; i++)
        {
            if (TensorPrimitives.Max(window.Probabilities(i)) > TensorPrimitives.Max(window.Probabilities(chosen)))
                chosen = i;
        }
        return window.Probabilities(chosen);
    }

    private static Tagged Best(ReadOnlySpan<float> probabilities, (int Start, int End, int Word) first, int end)
    {
        var tag = TensorPrimitives.IndexOfMax(probabilities);
        return new(tag, probabilities[tag], first.Start, end, first.Word);
    }

    // Neighbours of the same type are one entity, unless the later one begins an entity.
    private static IEnumerable<Entity> Group(List<Tagged> tagged, IReadOnlyList<string> tags)
    {
        for (var first = 0; first < tagged.Count; )
        {
            var (_, ends, type) = Split(tags[tagged[first].Tag], tags);
            var score = tagged[first].Score;
            var end = first + 1;
            while (!ends && end < tagged.Count && Split(tags[tagged[end].Tag], tags) is { Begins: false } next && next.Type == type)
            {
                score += tagged[end++].Score;
                ends = next.Ends;
            }
            yield return new(type, score / (end - first), tagged[first].Start, tagged[end - 1].End);
            first = end;
        }
    }

    // E- and S-, or L- and U-, are of the schemes IOBES and BILOU where the type has a B- too. Any other tag is a type by itself.
    private static (bool Begins, bool Ends, string Type) Split(string tag, IReadOnlyList<string> tags)
    {
        if (tag.Length < 2 || tag[1] != '-')
            return (false, false, tag);
        var type = tag[2..];
        return tag[0] switch
        {
            'B' => (true, false, type),
            'I' => (false, false, type),
            'S' or 'U' when tags.Contains("B-" + type) => (true, true, type),
            'E' or 'L' when tags.Contains("B-" + type) => (false, true, type),
            _ => (false, false, tag),
        };
    }

    private static List<Entity> MergeOverlapping(List<Entity> entities)
    {
        var merged = new List<Entity>();
        foreach (var entity in entities.OrderBy(entity => entity.Start))
        {
            if (merged is not [.., var last] || entity.Start >= last.End)
                merged.Add(entity);
            else if ((entity.End - entity.Start, entity.Score).CompareTo((last.End - last.Start, last.Score)) > 0)
                merged[^1] = entity;
        }
        return merged;
    }

    /// <summary>A token or a word, and its most probable tag.</summary>
    private readonly record struct Tagged(int Tag, float Score, int Start, int End, int Word);
}
