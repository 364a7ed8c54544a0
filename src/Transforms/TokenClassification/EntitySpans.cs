namespace BertMl.TokenClassification;

/// <summary>Checks of entities that come from outside.</summary>
internal static class EntitySpans
{
    /// <summary>The entities in order of their start.</summary>
    /// <param name="entities">The entities.</param>
    /// <param name="length">What they must lie within.</param>
    /// <param name="unit">What is counted, for errors: "words", "UTF-16 units".</param>
    /// <param name="row">The row, for errors; null: it is not named.</param>
    /// <exception cref="ArgumentException">An entity is empty, lies outside, has no type, or overlaps another.</exception>
    public static IReadOnlyList<EntitySpan> Checked(IEnumerable<EntitySpan> entities, int length, string unit, long? row = null)
    {
        var place = row is null ? "" : $"Row {row}: ";
        EntitySpan[] sorted = [.. entities.OrderBy(entity => entity.Start).ThenBy(entity => entity.End)];
        for (var i = 0; i < sorted.Length; i++)
        {
            var (start, end, label) = sorted[i];
            if (start < 0 || end > length || start >= end)
                throw new ArgumentException($"{place}entity {Describe(sorted[i])} is empty or not within the {length} {unit} of its text.");
            if (string.IsNullOrEmpty(label))
                throw new ArgumentException($"{place}entity {Describe(sorted[i])} has no type.");
            if (i > 0 && sorted[i - 1].End > start)
                throw new ArgumentException($"{place}entities {Describe(sorted[i - 1])} and {Describe(sorted[i])} overlap.");
        }
        return sorted;
    }

    private static string Describe(EntitySpan entity) => $"{entity.Start}..{entity.End} '{entity.Label}'";
}
