namespace BertMl.Metrics;

/// <summary>How far the confidence of predictions is from how often they are right (Guo et al. 2017, "On Calibration of Modern Neural Networks").</summary>
/// <param name="ExpectedCalibrationError">The mean of |accuracy - confidence| over bins, weighted by their rows; from 0 (calibrated) to 1.</param>
/// <param name="MaximumCalibrationError">The greatest |accuracy - confidence| of a bin.</param>
/// <param name="Bins">The bins, for a reliability diagram.</param>
public sealed record CalibrationMetrics(double ExpectedCalibrationError, double MaximumCalibrationError, IReadOnlyList<CalibrationBin> Bins)
{
    /// <summary>Sorts predictions by confidence into bins of equal width.</summary>
    /// <param name="confidences">The probability of each predicted class, from 0 to 1.</param>
    /// <param name="correct">Is each prediction right?</param>
    /// <param name="bins">The number of bins. Default: 15, as in the paper.</param>
    /// <exception cref="ArgumentException">There are no rows, the counts differ, or a confidence is not from 0 to 1.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no bin.</exception>
    public static CalibrationMetrics Compute(ReadOnlySpan<float> confidences, ReadOnlySpan<bool> correct, int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        MetricInputs.CheckRows(correct.Length, confidences.Length);
        var sums = new (long Count, long Correct, double Confidence)[bins];
        for (var row = 0; row < correct.Length; row++)
        {
            var confidence = confidences[row];
            if (confidence is not (>= 0 and <= 1))
                throw new ArgumentException($"Row {row} has the confidence {confidence}; expected 0 to 1.", nameof(confidences));
            // A bin holds its upper bound, not its lower one.
            ref var sum = ref sums[Math.Clamp((int)Math.Ceiling((double)confidence * bins) - 1, 0, bins - 1)];
            sum = (sum.Count + 1, sum.Correct + (correct[row] ? 1 : 0), sum.Confidence + confidence);
        }
        var all = sums.Select(
                (sum, i) =>
                    new CalibrationBin(
                        (double)i / bins,
                        (double)(i + 1) / bins,
                        sum.Count,
                        LabelScore.Ratio(sum.Correct, sum.Count),
                        LabelScore.Ratio(sum.Confidence, sum.Count)
                    )
            )
            .ToArray();
        var rows = correct.Length;
        return new(all.Sum(bin => bin.Count * bin.Gap / rows), all.Max(bin => bin.Gap), all);
    }
}

/// <summary>The predictions whose confidence lies in an interval.</summary>
/// <param name="Lower">The interval's lower bound, excluded.</param>
/// <param name="Upper">The interval's upper bound, included.</param>
/// <param name="Count">The number of predictions.</param>
/// <param name="Accuracy">The share of them that is right; 0 where there are none.</param>
/// <param name="Confidence">The mean of their confidence; 0 where there are none.</param>
public sealed record CalibrationBin(double Lower, double Upper, long Count, double Accuracy, double Confidence)
{
    /// <summary>The distance of accuracy and confidence.</summary>
    public double Gap => Math.Abs(Accuracy - Confidence);
}
