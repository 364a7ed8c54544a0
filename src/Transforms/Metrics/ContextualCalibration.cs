namespace BertMl.Metrics;

/// <summary>
/// Takes the bias of the prior off a language model's choice among labels (Zhao et al. 2021, "Calibrate Before Use"): a prompt without content, such as "N/A"
/// in place of the text, shows how much the model prefers each label before it has read anything, and probabilities are divided by that.
/// </summary>
public static class ContextualCalibration
{
    /// <summary>The probability of each label for prompts without content: the mean over them.</summary>
    /// <param name="logScores">[prompts, labels], row-major: the logarithm of each label's probability, or of a number in proportion to it.</param>
    /// <param name="labels">Number of labels.</param>
    /// <returns>[labels]: the prior, which sums to 1.</returns>
    /// <exception cref="ArgumentException">There are no prompts, they are not whole rows, or a score is NaN or infinite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no label.</exception>
    public static float[] Prior(ReadOnlySpan<float> logScores, int labels)
    {
        var rows = MetricInputs.RowsOf(logScores.Length, labels, nameof(logScores));
        if (rows == 0)
            throw new ArgumentException("There are no prompts without content to find the prior by.", nameof(logScores));
        var probabilities = Probabilities(logScores, labels);
        var prior = new float[labels];
        for (var i = 0; i < probabilities.Length; i++)
            prior[i % labels] += probabilities[i] / rows;
        return prior;
    }

    /// <summary>Probabilities without the prior: of each row the softmax of the scores, divided by the prior, so that they sum to 1.</summary>
    /// <param name="logScores">[rows, labels], row-major, as for <see cref="Prior"/>.</param>
    /// <param name="prior">[labels]; all alike: nothing is taken off.</param>
    /// <returns>[rows, labels].</returns>
    /// <exception cref="ArgumentException">The scores are not whole rows, a score is NaN or infinite, or a label's prior is not above 0.</exception>
    public static float[] Apply(ReadOnlySpan<float> logScores, ReadOnlySpan<float> prior)
    {
        MetricInputs.RowsOf(logScores.Length, prior.Length, nameof(logScores));
        var adjusted = logScores.ToArray();
        for (var i = 0; i < adjusted.Length; i++)
        {
            var part = prior[i % prior.Length];
            if (!(part > 0 && float.IsFinite(part)))
                throw new ArgumentException($"The prior of label {i % prior.Length} is {part}; expected a number above 0.", nameof(prior));
            adjusted[i] -= MathF.Log(part);
        }
        return Probabilities(adjusted, prior.Length);
    }

    private static float[] Probabilities(ReadOnlySpan<float> logScores, int labels)
    {
        for (var i = 0; i < logScores.Length; i++)
            if (!float.IsFinite(logScores[i]))
                throw new ArgumentException($"Row {i / labels} has the score {logScores[i]} for label {i % labels}.", nameof(logScores));
        return TemperatureScaling.Apply(logScores, labels, 1);
    }
}
