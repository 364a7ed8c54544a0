namespace BertMl.Samples;

/// <summary>The baseline of named entities: every word has the tag that it had most often, and a word that was never seen has O.</summary>
internal sealed class MostFrequentTag
{
    private readonly Dictionary<string, string> _tags;

    /// <summary>Counts the tags of words.</summary>
    /// <param name="sentences">Words and a tag for each.</param>
    public MostFrequentTag(IEnumerable<(IReadOnlyList<string> Words, IReadOnlyList<string> Tags)> sentences) =>
        _tags = sentences
            .SelectMany(sentence => sentence.Words.Zip(sentence.Tags))
            .CountBy(pair => pair)
            .GroupBy(count => count.Key.First, StringComparer.Ordinal)
            .ToDictionary(
                word => word.Key,
                word => word.OrderByDescending(count => count.Value).ThenBy(count => count.Key.Second, StringComparer.Ordinal).First().Key.Second,
                StringComparer.Ordinal
            );

    /// <summary>A tag for each word.</summary>
    public string[] Predict(IEnumerable<string> words) => [.. words.Select(word => _tags.GetValueOrDefault(word, "O"))];
}
