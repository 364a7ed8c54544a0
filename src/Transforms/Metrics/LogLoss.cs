namespace BertMl.Metrics;

/// <summary>The mean negative logarithm (nats) of the probability that was given to the right class. Equal to scikit-learn's <c>log_loss</c>.</summary>
public static class LogLoss
{
    /// <summary>Computes the loss.</summary>
    /// <param name="labels">The class of each row, from 0.</param>
    /// <param name="probabilities">The probability of each class, row-major, [rows, classes]. A probability of 0 counts as the least that a double tells from
    /// 0.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <exception cref="ArgumentException">There are no rows, the counts differ, or a class is not one of them.</exception>
    public static double Compute(ReadOnlySpan<int> labels, ReadOnlySpan<double> probabilities, int classCount)
    {
        const double least = 2.220446049250313e-16;
        MetricInputs.CheckRows(labels.Length, MetricInputs.RowsOf(probabilities.Length, classCount, nameof(probabilities)));
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            if ((uint)labels[row] >= (uint)classCount)
                throw new ArgumentException($"Row {row} has the class {labels[row]}; expected 0 to {classCount - 1}.", nameof(labels));
            sum -= Math.Log(Math.Clamp(probabilities[row * classCount + labels[row]], least, 1 - least));
        }
        return sum / labels.Length;
    }
}
