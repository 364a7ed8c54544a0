namespace BertMl.QuestionAnswering;

/// <summary>The threshold above which a question counts as unanswerable: where its score of no answer is greater, the prediction is "".</summary>
/// <param name="Threshold">The threshold.</param>
/// <param name="Score">The mean score that it gives on the questions that it was tuned on, in percent.</param>
public sealed record NullAnswerThreshold(double Threshold, double Score)
{
    /// <summary>Finds the best threshold on validation data, as SQuAD's official script does.</summary>
    /// <param name="nullScores">The score of no answer of each question: the difference of logits or a probability.</param>
    /// <param name="answerScores">
    /// The score (0 to 1; exact match or F1) of the best answer of each question that is not "". It does not count for a question that has no answer.
    /// </param>
    /// <param name="answerable">Does each question have an answer?</param>
    /// <exception cref="ArgumentException">There are no questions, the counts differ, or a score of no answer is not a number.</exception>
    public static NullAnswerThreshold Tune(ReadOnlySpan<double> nullScores, ReadOnlySpan<double> answerScores, ReadOnlySpan<bool> answerable)
    {
        if (nullScores.Length != answerScores.Length || nullScores.Length != answerable.Length || nullScores.Length == 0)
            throw new ArgumentException(
                $"There are {nullScores.Length} scores of no answer, {answerScores.Length} scores of answers and {answerable.Length} flags; "
                    + $"expected one of each for each question."
            );
        var sorted = nullScores.ToArray();
        if (Array.FindIndex(sorted, double.IsNaN) is >= 0 and var unusable)
            throw new ArgumentException($"The score of no answer of question {unusable} is not a number.", nameof(nullScores));
        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        // Below all: every prediction is "".
        var sum = (double)answerable.Count(false);
        var best = (Threshold: Math.BitDecrement(sorted[0]), Sum: sum);
        for (var i = 0; i < sorted.Length; i++)
        {
            var question = order[i];
            sum += answerable[question] ? answerScores[question] : -1;
            var isLastOfEqual = i + 1 == sorted.Length || sorted[i + 1] != sorted[i];
            if (isLastOfEqual && sum > best.Sum)
                best = (sorted[i], sum);
        }
        return new(best.Threshold, 100 * best.Sum / sorted.Length);
    }
}
