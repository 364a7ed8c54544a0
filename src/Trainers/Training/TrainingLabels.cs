namespace BertMl.Training;

/// <summary>What a batch's rows are to be predicted as; the fields that the task needs are set.</summary>
internal sealed record TrainingLabels
{
    /// <summary>
    /// Class indices: [rows] (sequence, next sentence), [rows × length] (tokens, masked language model; -100 does not count),
    /// [rows / choices] (multiple choice: the length says how many choices there are).
    /// </summary>
    public long[]? Classes { get; init; }

    /// <summary>Next-sentence labels, [rows], beside <see cref="Classes"/> in pretraining.</summary>
    public long[]? NextSentence { get; init; }

    /// <summary>Numbers: [rows] (regression) or [rows × labels] (multi-label).</summary>
    public float[]? Values { get; init; }

    /// <summary>Answer positions, [rows] each; one past the end of the row does not count.</summary>
    public long[]? Starts { get; init; }

    /// <summary>Answer positions, [rows] each.</summary>
    public long[]? Ends { get; init; }
}

/// <summary>Sums over a batch; a mean is a quotient of sums, so batches of different sizes add up rightly.</summary>
/// <param name="Loss">Sum of losses (each with its class weight).</param>
/// <param name="Weight">What the sum is divided by: rows or tokens that count, or the sum of their class weights.</param>
/// <param name="Correct">Predictions that were right.</param>
/// <param name="Count">Predictions.</param>
/// <param name="NextSentenceLoss">Sum of the next-sentence losses of pretraining, whose mean is a mean of its own.</param>
/// <param name="NextSentenceCount">What that sum is divided by: the rows with a next-sentence label.</param>
internal readonly record struct LossSum(double Loss, double Weight, long Correct, long Count, double NextSentenceLoss = 0, double NextSentenceCount = 0)
{
    public static LossSum operator +(LossSum a, LossSum b) =>
        new(
            a.Loss + b.Loss,
            a.Weight + b.Weight,
            a.Correct + b.Correct,
            a.Count + b.Count,
            a.NextSentenceLoss + b.NextSentenceLoss,
            a.NextSentenceCount + b.NextSentenceCount
        );

    /// <summary>The loss: a mean, and in pretraining with next-sentence prediction the sum of two. 0 where nothing counts.</summary>
    public double Mean() => Mean(Loss, Weight) + Mean(NextSentenceLoss, NextSentenceCount);

    private static double Mean(double sum, double weight) => weight > 0 ? sum / weight : 0;
}
