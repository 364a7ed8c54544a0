namespace BertMl.Metrics;

/// <summary>
/// Precision, recall and F1 of a label, or their average over labels. All are from 0 to 1; what would divide by zero is 0, as in scikit-learn.
/// </summary>
/// <param name="Label">The label, or the name of the average: "micro avg", "macro avg", "weighted avg".</param>
/// <param name="Precision">The share of the predictions of this label that are right.</param>
/// <param name="Recall">The share of the occurrences of this label that were found.</param>
/// <param name="F1">The harmonic mean of precision and recall.</param>
/// <param name="Support">The number of occurrences of this label.</param>
public readonly record struct LabelScore(string Label, double Precision, double Recall, double F1, long Support)
{
    internal static LabelScore FromCounts(string label, LabelCounts counts)
    {
        var precision = Ratio(counts.Correct, counts.Predicted);
        var recall = Ratio(counts.Correct, counts.Actual);
        return new(label, precision, recall, Ratio(2 * precision * recall, precision + recall), counts.Actual);
    }

    /// <summary>All labels counted together.</summary>
    internal static LabelScore Micro(IEnumerable<LabelCounts> counts)
    {
        var sum = default(LabelCounts);
        foreach (var (correct, predicted, actual) in counts)
            sum = new(sum.Correct + correct, sum.Predicted + predicted, sum.Actual + actual);
        return FromCounts("micro avg", sum);
    }

    /// <summary>The mean over labels, all of the same weight.</summary>
    internal static LabelScore Macro(IReadOnlyCollection<LabelScore> scores) => Average("macro avg", scores, _ => 1);

    /// <summary>The mean over labels, weighted by their support.</summary>
    internal static LabelScore Weighted(IReadOnlyCollection<LabelScore> scores) => Average("weighted avg", scores, score => score.Support);

    internal static double Ratio(double numerator, double denominator) => denominator == 0 ? 0 : numerator / denominator;

    private static LabelScore Average(string name, IReadOnlyCollection<LabelScore> scores, Func<LabelScore, double> weight)
    {
        var total = scores.Sum(weight);
        double Mean(Func<LabelScore, double> value) => Ratio(scores.Sum(score => weight(score) * value(score)), total);
        return new(name, Mean(score => score.Precision), Mean(score => score.Recall), Mean(score => score.F1), scores.Sum(score => score.Support));
    }
}

/// <summary>What precision and recall are computed from.</summary>
/// <param name="Correct">Right predictions of a label (true positives).</param>
/// <param name="Predicted">All predictions of the label.</param>
/// <param name="Actual">All occurrences of the label.</param>
internal readonly record struct LabelCounts(long Correct, long Predicted, long Actual);
