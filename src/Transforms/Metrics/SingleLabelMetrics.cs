namespace BertMl.Metrics;

/// <summary>How well a classifier found the one class of each row (<c>problem_type</c> single_label_classification). Equal to scikit-learn's metrics.</summary>
/// <remarks>
/// As in scikit-learn, <see cref="Macro"/> and <see cref="Weighted"/> are over the classes that occur in the labels or in the predictions.
/// <see cref="PerLabel"/> has all classes.
/// </remarks>
public sealed class SingleLabelMetrics
{
    // Pairs that occur alone: there may be tens of thousands of classes.
    private readonly Dictionary<(int Label, int Prediction), long> _confusion;

    private SingleLabelMetrics(IReadOnlyList<string> names, Dictionary<(int Label, int Prediction), long> confusion, long rows)
    {
        (_confusion, Count) = (confusion, rows);
        var counts = new LabelCounts[names.Count];
        foreach (var ((label, prediction), count) in confusion)
        {
            counts[label] = counts[label] with { Actual = counts[label].Actual + count };
            counts[prediction] = counts[prediction] with { Predicted = counts[prediction].Predicted + count };
            if (label == prediction)
                counts[label] = counts[label] with { Correct = count };
        }
        PerLabel = [.. counts.Select((count, i) => LabelScore.FromCounts(names[i], count))];
        var occurring = PerLabel.Where((_, i) => counts[i].Actual + counts[i].Predicted > 0).ToArray();
        (Macro, Weighted) = (LabelScore.Macro(occurring), LabelScore.Weighted(occurring));
        Accuracy = counts.Sum(count => count.Correct) / (double)rows;
        MatthewsCorrelation = Matthews(counts, rows);
    }

    /// <summary>Compares predictions with labels.</summary>
    /// <param name="labels">The class of each row, from 0.</param>
    /// <param name="predictions">The predicted class of each row, from 0.</param>
    /// <param name="names">The names of the classes.</param>
    /// <exception cref="ArgumentException">There are no rows, the counts of rows differ, or a class is not one of the names.</exception>
    public static SingleLabelMetrics Compute(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        MetricInputs.CheckRows(labels.Length, predictions.Length);
        var confusion = new Dictionary<(int, int), long>();
        for (var row = 0; row < labels.Length; row++)
        {
            var pair = (Class(labels[row], row, names, nameof(labels)), Class(predictions[row], row, names, nameof(predictions)));
            confusion[pair] = confusion.GetValueOrDefault(pair) + 1;
        }
        return new(names, confusion, labels.Length);
    }

    /// <summary>The number of rows.</summary>
    public long Count { get; }

    /// <summary>The share of rows whose prediction is right. For a single label, micro F1 is the same number.</summary>
    public double Accuracy { get; }

    /// <summary>The mean over classes, all of the same weight.</summary>
    public LabelScore Macro { get; }

    /// <summary>The mean over classes, weighted by their support.</summary>
    public LabelScore Weighted { get; }

    /// <summary>The scores of each class.</summary>
    public IReadOnlyList<LabelScore> PerLabel { get; }

    /// <summary>F1 of the second class, the positive one of two (GLUE's F1 of MRPC and QQP).</summary>
    /// <exception cref="InvalidOperationException">There are not two classes.</exception>
    public double BinaryF1 =>
        PerLabel.Count == 2 ? PerLabel[1].F1 : throw new InvalidOperationException($"Binary F1 is for two classes; there are {PerLabel.Count}.");

    /// <summary>The correlation of labels and predictions, from -1 to 1, for any number of classes (Gorodkin 2004); 0 where it is not defined.</summary>
    public double MatthewsCorrelation { get; }

    /// <summary>Counts rows of the class <paramref name="label"/> that were predicted as <paramref name="prediction"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public long Confusion(int label, int prediction) =>
        (uint)label < (uint)PerLabel.Count && (uint)prediction < (uint)PerLabel.Count
            ? _confusion.GetValueOrDefault((label, prediction))
            : throw new ArgumentOutOfRangeException(
                nameof(label),
                $"There is no pair of classes {label} and {prediction}; there are {PerLabel.Count} classes."
            );

    /// <summary>A report for people: a table of the classes and averages.</summary>
    public override string ToString() => ClassificationReport.Format(PerLabel, [Macro, Weighted], (Accuracy, Count));

    private static double Matthews(LabelCounts[] counts, double rows)
    {
        var correct = counts.Sum(count => (double)count.Correct);
        var both = counts.Sum(count => (double)count.Actual * count.Predicted);
        var actual = counts.Sum(count => (double)count.Actual * count.Actual);
        var predicted = counts.Sum(count => (double)count.Predicted * count.Predicted);
        return LabelScore.Ratio(correct * rows - both, Math.Sqrt((rows * rows - actual) * (rows * rows - predicted)));
    }

    private static int Class(int value, int row, IReadOnlyList<string> names, string parameter) =>
        (uint)value < (uint)names.Count
            ? value
            : throw new ArgumentException($"Row {row} of {parameter} has the class {value}; expected 0 to {names.Count - 1}.", parameter);
}
