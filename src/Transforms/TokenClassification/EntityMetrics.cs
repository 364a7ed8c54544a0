using BertMl.Metrics;

namespace BertMl.TokenClassification;

/// <summary>Precision, recall and F1 of whole entities: right are an entity's type and both of its ends, or it is wrong. Equal to seqeval's.</summary>
public sealed class EntityMetrics
{
    private EntityMetrics(SortedDictionary<string, LabelCounts> counts)
    {
        PerType = [.. counts.Select(type => LabelScore.FromCounts(type.Key, type.Value))];
        (Micro, Macro, Weighted) = (LabelScore.Micro(counts.Values), LabelScore.Macro(PerType), LabelScore.Weighted(PerType));
    }

    /// <summary>Compares predicted tags with those of the data.</summary>
    /// <param name="labels">The tags of each row, one for each word.</param>
    /// <param name="predictions">The predicted tags of each row, one for each word.</param>
    /// <param name="scheme">null (the default): lenient, as CoNLL and seqeval's default mode; or strict by this scheme.</param>
    /// <exception cref="ArgumentException">The counts of rows or of tags differ, or a tag is not of the scheme; the row is named.</exception>
    public static EntityMetrics Compute(IReadOnlyList<IReadOnlyList<string>> labels, IReadOnlyList<IReadOnlyList<string>> predictions, TagScheme? scheme = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(predictions);
        MetricInputs.CheckRows(labels.Count, predictions.Count);
        for (var row = 0; row < labels.Count; row++)
        {
            if (labels[row].Count != predictions[row].Count)
                throw new ArgumentException($"Row {row} has {labels[row].Count} labels and {predictions[row].Count} predictions; expected as many.");
        }
        return Compute(Read(labels, scheme, "labels"), Read(predictions, scheme, "predictions"));
    }

    /// <summary>Compares predicted entities with those of the data.</summary>
    /// <param name="labels">The entities of each row.</param>
    /// <param name="predictions">The predicted entities of each row, in the same units (words, or UTF-16 units of the text).</param>
    /// <exception cref="ArgumentException">There are no rows, or their counts differ.</exception>
    public static EntityMetrics Compute(IReadOnlyList<IReadOnlyCollection<EntitySpan>> labels, IReadOnlyList<IReadOnlyCollection<EntitySpan>> predictions)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(predictions);
        MetricInputs.CheckRows(labels.Count, predictions.Count);
        var counts = new SortedDictionary<string, LabelCounts>(StringComparer.Ordinal);
        for (var row = 0; row < labels.Count; row++)
        {
            HashSet<EntitySpan> actual = [.. labels[row]];
            foreach (var entity in actual)
            {
                var old = counts.GetValueOrDefault(entity.Label);
                counts[entity.Label] = old with { Actual = old.Actual + 1 };
            }
            foreach (var entity in predictions[row].Distinct())
            {
                var old = counts.GetValueOrDefault(entity.Label);
                counts[entity.Label] = old with { Predicted = old.Predicted + 1, Correct = old.Correct + (actual.Contains(entity) ? 1 : 0) };
            }
        }
        return new(counts);
    }

    /// <summary>All entities counted together: the number that papers report.</summary>
    public LabelScore Micro { get; }

    /// <summary>The mean over types, all of the same weight.</summary>
    public LabelScore Macro { get; }

    /// <summary>The mean over types, weighted by their support.</summary>
    public LabelScore Weighted { get; }

    /// <summary>The scores of each type that occurs, in ordinal order.</summary>
    public IReadOnlyList<LabelScore> PerType { get; }

    /// <summary>A report for people: a table of the types and averages.</summary>
    public override string ToString() => ClassificationReport.Format(PerType, [Micro, Macro, Weighted]);

    private static IReadOnlyCollection<EntitySpan>[] Read(IReadOnlyList<IReadOnlyList<string>> rows, TagScheme? scheme, string what)
    {
        var entities = new IReadOnlyCollection<EntitySpan>[rows.Count];
        for (var row = 0; row < rows.Count; row++)
        {
            try
            {
                entities[row] = scheme is { } strict ? EntityTags.Entities(rows[row], strict) : EntityTags.Entities(rows[row]);
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException($"Row {row} of {what}: {e.Message}", e);
            }
        }
        return entities;
    }
}
