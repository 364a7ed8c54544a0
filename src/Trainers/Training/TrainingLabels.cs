namespace BertMl.Training;

/// <summary>What a batch's rows are to be predicted as, under the names that Hugging Face's models give their labels.</summary>
internal sealed class TrainingLabels
{
    private readonly Dictionary<string, long[]> _classes = new(StringComparer.Ordinal);

    /// <summary>
    /// Class numbers or positions: "labels", [rows], [rows × length] (-100 does not count) or, for multiple choice, [rows / choices];
    /// "next_sentence_label", "start_positions", "end_positions", [rows].
    /// </summary>
    public long[]? this[string name]
    {
        get => _classes.GetValueOrDefault(name);
        set
        {
            if (value is not null)
                _classes[name] = value;
        }
    }

    /// <summary>"labels" that are numbers: [rows] (regression) or [rows × labels] (several labels).</summary>
    public float[]? Numbers { get; init; }

    /// <summary>
    /// For each term of the head's loss, what the sum of the batch's losses is to be divided by: rows or tokens that count, or their class weights.
    /// </summary>
    public double[] Weights { get; init; } = [];
}

/// <summary>A term of the loss, summed over a batch.</summary>
/// <param name="Loss">Sum of losses (each with its class weight).</param>
/// <param name="Weight">What the sum is divided by: rows or tokens that count, or the sum of their class weights.</param>
/// <param name="Correct">Predictions that were right.</param>
/// <param name="Count">Predictions.</param>
/// <param name="Share">Factor of the mean. Default 1.</param>
/// <param name="IsAccuracy">Are its predictions part of the accuracy? Default true.</param>
internal readonly record struct TermSum(double Loss, double Weight, long Correct, long Count, double Share = 1, bool IsAccuracy = true)
{
    public static TermSum operator +(TermSum a, TermSum b) =>
        a with
        {
            Loss = a.Loss + b.Loss,
            Weight = a.Weight + b.Weight,
            Correct = a.Correct + b.Correct,
            Count = a.Count + b.Count,
        };

    /// <summary>The mean, times its share; 0 where nothing counts.</summary>
    public double Mean() => Weight > 0 ? Share * Loss / Weight : 0;
}

/// <summary>Sums over a batch; a mean is a quotient of sums, so batches of different sizes add up rightly.</summary>
/// <param name="Terms">The terms of the head's loss; null: nothing was summed up yet.</param>
internal readonly record struct LossSum(IReadOnlyList<TermSum>? Terms)
{
    public static LossSum operator +(LossSum a, LossSum b) =>
        a.Terms is null ? b
        : b.Terms is null ? a
        : new([.. a.Terms.Zip(b.Terms, (first, second) => first + second)]);

    /// <summary>The loss: the sum of the terms' means.</summary>
    public double Mean() => Terms?.Sum(term => term.Mean()) ?? 0;

    /// <summary>Part of the predictions that were right, 0 to 1; null where nothing is predicted.</summary>
    public double? Accuracy()
    {
        var terms = (Terms ?? []).Where(term => term.IsAccuracy).ToList();
        var count = terms.Sum(term => term.Count);
        return count > 0 ? (double)terms.Sum(term => term.Correct) / count : null;
    }

    /// <summary>Did nothing count?</summary>
    public bool IsEmpty() => Terms is null || Terms.All(term => term is { Count: 0, Weight: 0 });
}
