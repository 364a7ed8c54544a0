namespace BertMl.Metrics;

/// <summary>
/// How well a classifier found the labels of each row, any number of them (<c>problem_type</c> multi_label_classification). Equal to scikit-learn's.
/// </summary>
public sealed class MultiLabelMetrics
{
    private MultiLabelMetrics(IReadOnlyList<string> names, LabelCounts[] counts, long rows, long exact)
    {
        Count = rows;
        ExactMatch = (double)exact / rows;
        PerLabel = [.. counts.Select((count, i) => LabelScore.FromCounts(names[i], count))];
        (Micro, Macro, Weighted) = (LabelScore.Micro(counts), LabelScore.Macro(PerLabel), LabelScore.Weighted(PerLabel));
    }

    /// <summary>Compares predictions with labels.</summary>
    /// <param name="labels">Does each row have each label? Row-major, [rows, labels].</param>
    /// <param name="predictions">Is each label predicted of each row? Row-major, [rows, labels].</param>
    /// <param name="names">The names of the labels.</param>
    /// <exception cref="ArgumentException">There are no rows, the counts of values differ, or they are not whole rows.</exception>
    public static MultiLabelMetrics Compute(ReadOnlySpan<bool> labels, ReadOnlySpan<bool> predictions, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        MetricInputs.CheckRows(labels.Length, predictions.Length);
        var rows = MetricInputs.RowsOf(labels.Length, names.Count, nameof(labels));
        var counts = new LabelCounts[names.Count];
        var exact = 0L;
        for (var start = 0; start < labels.Length; start += names.Count)
        {
            var actual = labels.Slice(start, names.Count);
            var predicted = predictions.Slice(start, names.Count);
            for (var i = 0; i < counts.Length; i++)
                counts[i] = new(
                    counts[i].Correct + (actual[i] && predicted[i] ? 1 : 0),
                    counts[i].Predicted + (predicted[i] ? 1 : 0),
                    counts[i].Actual + (actual[i] ? 1 : 0)
                );
            exact += actual.SequenceEqual(predicted) ? 1 : 0;
        }
        return new(names, counts, rows, exact);
    }

    /// <summary>The number of rows.</summary>
    public long Count { get; }

    /// <summary>The share of rows of which all labels are right (scikit-learn's accuracy of several labels, also called subset accuracy).</summary>
    public double ExactMatch { get; }

    /// <summary>All labels counted together.</summary>
    public LabelScore Micro { get; }

    /// <summary>The mean over labels, all of the same weight.</summary>
    public LabelScore Macro { get; }

    /// <summary>The mean over labels, weighted by their support.</summary>
    public LabelScore Weighted { get; }

    /// <summary>The scores of each label.</summary>
    public IReadOnlyList<LabelScore> PerLabel { get; }

    /// <summary>A report for people: a table of the labels and averages.</summary>
    public override string ToString() => ClassificationReport.Format(PerLabel, [Micro, Macro, Weighted]);
}
