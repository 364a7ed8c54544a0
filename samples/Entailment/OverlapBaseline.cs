namespace BertMl.Samples;

/// <summary>
/// What the words alone tell: the label that pairs with so many words in common have most often. A tenth of the second text's words is a step.
/// </summary>
internal sealed class OverlapBaseline
{
    private readonly string[] _byStep;

    private OverlapBaseline(string[] byStep) => _byStep = byStep;

    /// <summary>Learns which label is the most frequent at each step.</summary>
    public static OverlapBaseline Learn(IReadOnlyList<LabelledPair> rows)
    {
        var most = rows.CountBy(row => row.Label, StringComparer.Ordinal).MaxBy(label => label.Value).Key;
        var steps = rows.ToLookup(StepOf);
        string Best(IEnumerable<LabelledPair> rows) =>
            rows.CountBy(row => row.Label, StringComparer.Ordinal).DefaultIfEmpty(new(most, 0)).MaxBy(label => label.Value).Key;
        return new([.. Enumerable.Range(0, 11).Select(step => Best(steps[step]))]);
    }

    /// <summary>The label of a pair.</summary>
    public string Predict(LabelledPair row) => _byStep[StepOf(row)];

    private static int StepOf(LabelledPair row) => StepOf(Words(row.Text), Words(row.Pair));

    /// <summary>How many tenths of the second text's words are in the first.</summary>
    public static int StepOf(IReadOnlySet<string> first, IReadOnlySet<string> second) =>
        second.Count == 0 ? 0 : 10 * second.Count(first.Contains) / second.Count;

    /// <summary>The words of a text.</summary>
    public static HashSet<string> Words(string text) =>
        [.. text.ToLowerInvariant().Split((char[]?)[' ', '.', ',', ';', ':', '(', ')', '"'], StringSplitOptions.RemoveEmptyEntries)];
}
