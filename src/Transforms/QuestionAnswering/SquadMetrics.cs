using System.Globalization;

namespace BertMl.QuestionAnswering;

/// <summary>A question of which the right answers are known.</summary>
/// <param name="Id">The question's id.</param>
/// <param name="Answers">The right answers; empty: the context does not answer the question (SQuAD 2.0).</param>
public sealed record AnsweredQuestion(string Id, IReadOnlyCollection<string> Answers);

/// <summary>Exact match and F1 of predicted answers, in percent, as SQuAD's official script gives them.</summary>
public sealed class SquadMetrics
{
    private SquadMetrics(SquadAverage all, SquadAverage? answerable, SquadAverage? unanswerable) =>
        (Overall, Answerable, Unanswerable) = (all, answerable, unanswerable);

    /// <summary>Compares predicted answers with the right ones.</summary>
    /// <param name="questions">The questions with their right answers.</param>
    /// <param name="predictions">The predicted answer of each question by its id; "": no answer.</param>
    /// <exception cref="ArgumentException">There are no questions, an id occurs twice, or a question has no prediction; the id is named.</exception>
    public static SquadMetrics Compute(IEnumerable<AnsweredQuestion> questions, IReadOnlyDictionary<string, string> predictions)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(predictions);
        var (answerable, unanswerable) = (new Sum(), new Sum());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, answers) in questions)
        {
            if (!seen.Add(id))
                throw new ArgumentException($"The question id '{id}' occurs twice.", nameof(questions));
            if (!predictions.TryGetValue(id, out var prediction))
                throw new ArgumentException($"The question '{id}' has no prediction; expected \"\" where it has no answer.", nameof(predictions));
            (answers.Count > 0 ? answerable : unanswerable).Add(SquadScore.IsExactMatch(prediction, answers), SquadScore.F1(prediction, answers));
        }
        if (seen.Count == 0)
            throw new ArgumentException("There are no questions to evaluate.", nameof(questions));
        return new((answerable + unanswerable).Average()!, answerable.Average(), unanswerable.Average());
    }

    /// <summary>Over all questions.</summary>
    public SquadAverage Overall { get; }

    /// <summary>Over the questions that have an answer; null where there are none.</summary>
    public SquadAverage? Answerable { get; }

    /// <summary>Over the questions that have no answer; null where there are none.</summary>
    public SquadAverage? Unanswerable { get; }

    /// <summary>A report for people.</summary>
    public override string ToString() =>
        string.Join('\n', [Line("all", Overall), .. Unanswerable is null ? [] : new[] { Line("answerable", Answerable), Line("unanswerable", Unanswerable) }]);

    private static string Line(string name, SquadAverage? average) =>
        average is null
            ? $"{name, -12} 0 questions"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name, -12} exact match {average.ExactMatch, 6:F2}   F1 {average.F1, 6:F2}   {average.Count} questions"
            );

    private sealed class Sum
    {
        private int _count,
            _exact;
        private double _f1;

        public void Add(bool exact, double f1) => (_count, _exact, _f1) = (_count + 1, _exact + (exact ? 1 : 0), _f1 + f1);

        public static Sum operator +(Sum left, Sum right) =>
            new()
            {
                _count = left._count + right._count,
                _exact = left._exact + right._exact,
                _f1 = left._f1 + right._f1,
            };

        public SquadAverage? Average() => _count == 0 ? null : new(100.0 * _exact / _count, 100 * _f1 / _count, _count);
    }
}

/// <summary>Means over questions.</summary>
/// <param name="ExactMatch">The share of questions whose prediction equals a right answer once both are normalized, in percent.</param>
/// <param name="F1">The mean F1 of shared words, in percent.</param>
/// <param name="Count">The number of questions.</param>
public sealed record SquadAverage(double ExactMatch, double F1, int Count);
