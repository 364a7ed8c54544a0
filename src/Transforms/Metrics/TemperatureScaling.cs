using System.Numerics.Tensors;

namespace BertMl.Metrics;

/// <summary>
/// Makes a classifier's confidence match how often it is right, by one number (Guo et al. 2017, "On Calibration of Modern Neural Networks"): logits are divided
/// by a temperature before the softmax. Which class is predicted does not change.
/// </summary>
public static class TemperatureScaling
{
    /// <summary>The lowest temperature: it would go to 0 where every prediction is right.</summary>
    public const double Lowest = 0.01;

    /// <summary>The highest temperature: it would grow without bound where the logits tell nothing.</summary>
    public const double Highest = 100;

    // Halving the logarithm of the interval so often leaves less than a double can tell.
    private const int Halvings = 60;

    /// <summary>Finds the temperature of least log-loss on validation data, which the classifier has not learned from.</summary>
    /// <param name="logits">[rows, classes], row-major.</param>
    /// <param name="labels">[rows]: the true class of each, from 0.</param>
    /// <returns>The temperature, from <see cref="Lowest"/> to <see cref="Highest"/>: above 1 where the classifier is too sure of itself.</returns>
    /// <exception cref="ArgumentException">There are no rows, the logits are not rows, or a logit is not a finite number; the row is named.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is no class; the row is named.</exception>
    public static double Fit(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels)
    {
        var classes = labels.Length == 0 ? 0 : logits.Length / labels.Length;
        if (classes == 0 || classes * labels.Length != logits.Length)
            throw new ArgumentException($"{logits.Length} logits are not as many for each of {labels.Length} rows.", nameof(logits));
        for (var row = 0; row < labels.Length; row++)
        {
            if ((uint)labels[row] >= (uint)classes)
                throw new ArgumentOutOfRangeException(
                    nameof(labels),
                    labels[row],
                    $"The label of row {row} is {labels[row]}; there are {classes} classes, from 0."
                );
            foreach (var logit in logits.Slice(row * classes, classes))
                if (!float.IsFinite(logit))
                    throw new ArgumentException($"Row {row} has the logit {logit}.", nameof(logits));
        }
        // The log-loss is convex in 1 / temperature, so its slope changes sign once.
        var (low, high) = (Math.Log(1 / Highest), Math.Log(1 / Lowest));
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            if (Slope(logits, labels, classes, Math.Exp(middle)) > 0)
                high = middle;
            else
                low = middle;
        }
        return Math.Clamp(Math.Exp(-(low + high) / 2), Lowest, Highest);
    }

    /// <summary>Probabilities at a temperature: the softmax of each row's logits divided by it.</summary>
    /// <param name="logits">[rows, classes], row-major.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="temperature">The temperature, above 0.</param>
    /// <returns>[rows, classes].</returns>
    /// <exception cref="ArgumentException">The logits are not whole rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not above 0, or there is no class.</exception>
    public static float[] Apply(ReadOnlySpan<float> logits, int classes, double temperature)
    {
        if (!(temperature > 0))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature must be above 0.");
        var rows = MetricInputs.RowsOf(logits.Length, classes, nameof(logits));
        var probabilities = new float[logits.Length];
        for (var row = 0; row < rows; row++)
        {
            var scaled = probabilities.AsSpan(row * classes, classes);
            TensorPrimitives.Divide(logits.Slice(row * classes, classes), (float)temperature, scaled);
            // So that no exponential overflows.
            TensorPrimitives.Subtract(scaled, TensorPrimitives.Max(scaled), scaled);
            TensorPrimitives.SoftMax(scaled, scaled);
        }
        return probabilities;
    }

    // The derivative of the log-loss by the inverse temperature: the expected logit less the true class's, summed over the rows.
    private static double Slope(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes, double inverse)
    {
        double slope = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            var values = logits.Slice(row * classes, classes);
            double greatest = TensorPrimitives.Max(values),
                sum = 0,
                weighted = 0;
            foreach (var value in values)
            {
                var part = Math.Exp(inverse * (value - greatest));
                sum += part;
                weighted += part * value;
            }
            slope += weighted / sum - values[labels[row]];
        }
        return slope;
    }
}
