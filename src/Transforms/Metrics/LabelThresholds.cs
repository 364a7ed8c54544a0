namespace BertMl.Metrics;

/// <summary>
/// The thresholds that turn the probabilities of several labels into decisions: a label is predicted where its probability is above its threshold.
/// </summary>
public static class LabelThresholds
{
    /// <summary>The threshold where nothing was tuned.</summary>
    public const float Default = 0.5f;

    /// <summary>Finds the threshold of each label that gives it the highest F1 on validation data.</summary>
    /// <param name="probabilities">Probabilities from 0 to 1, row-major, [rows, labels].</param>
    /// <param name="labels">Does each row have each label? Row-major, [rows, labels].</param>
    /// <param name="labelCount">The number of labels.</param>
    /// <returns>
    /// A threshold for each label, between 0 and 1 and both excluded. It lies midway between two probabilities that occur. Of equally good ones it is the one
    /// nearest to 0.5. A label that no row has keeps 0.5.
    /// </returns>
    /// <exception cref="ArgumentException">The counts of values differ or are not whole rows, or a probability is not from 0 to 1.</exception>
    public static float[] Tune(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> labels, int labelCount)
    {
        MetricInputs.CheckRows(labels.Length, probabilities.Length);
        var rows = MetricInputs.RowsOf(labels.Length, labelCount, nameof(labels));
        var thresholds = new float[labelCount];
        var column = new (float Probability, bool Label)[rows];
        for (var label = 0; label < labelCount; label++)
        {
            for (var row = 0; row < rows; row++)
            {
                var probability = probabilities[row * labelCount + label];
                if (probability is not (>= 0 and <= 1))
                    throw new ArgumentException($"Row {row} has the probability {probability} of label {label}; expected 0 to 1.", nameof(probabilities));
                column[row] = (probability, labels[row * labelCount + label]);
            }
            Array.Sort(column, (x, y) => y.Probability.CompareTo(x.Probability));
            thresholds[label] = Best(column);
        }
        return thresholds;
    }

    /// <summary>Checks thresholds that a user gives.</summary>
    /// <param name="thresholds">One for each label.</param>
    /// <param name="labelCount">The number of labels.</param>
    /// <exception cref="ArgumentOutOfRangeException">Their count is another, or one is not between 0 and 1, both excluded.</exception>
    public static void Check(IReadOnlyList<float> thresholds, int labelCount)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        if (thresholds.Count != labelCount)
            throw new ArgumentOutOfRangeException(nameof(thresholds), thresholds.Count, $"Expected a threshold for each of {labelCount} labels.");
        for (var i = 0; i < thresholds.Count; i++)
        {
            if (thresholds[i] is not (> 0 and < 1))
                throw new ArgumentOutOfRangeException(nameof(thresholds), thresholds[i], $"The threshold of label {i} must be between 0 and 1, both excluded.");
        }
    }

    // Of rows in falling order of probability: lets in one row after the other and looks at each gap between different probabilities.
    private static float Best((float Probability, bool Label)[] rows)
    {
        var actual = rows.Count(row => row.Label);
        var (best, bestF1, correct) = (Default, 0.0, 0);
        for (var i = 0; i < rows.Length; i++)
        {
            correct += rows[i].Label ? 1 : 0;
            var next = i + 1 < rows.Length ? rows[i + 1].Probability : 0;
            if (next == rows[i].Probability)
                continue;
            // Between neighbouring numbers there is no middle: the lower one separates them just as well.
            var middle = (next + rows[i].Probability) / 2;
            var threshold = middle < rows[i].Probability ? middle : next;
            var f1 = 2.0 * correct / (i + 1 + actual);
            if (threshold > 0 && (f1 > bestF1 || f1 == bestF1 && f1 > 0 && Math.Abs(threshold - Default) < Math.Abs(best - Default)))
                (best, bestF1) = (threshold, f1);
        }
        return best;
    }
}
