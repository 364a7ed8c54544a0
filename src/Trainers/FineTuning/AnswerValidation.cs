using BertMl.QuestionAnswering;
using BertMl.Training;

namespace BertMl.FineTuning;

/// <summary>
/// Answers from what is predicted of windows, against the right ones: exact match and F1 as SQuAD's official script gives them, but from 0 to 1.
/// </summary>
/// <param name="questions">The questions.</param>
/// <param name="options">How answers are chosen.</param>
internal sealed class AnswerValidation(AnsweredContexts questions, SquadOptions options) : IValidation
{
    /// <summary>
    /// The greatest F1 that a threshold of no answer gives, 0 to 1, and that threshold: where there are questions without an answer. SQuAD's own names.
    /// </summary>
    public const string BestF1 = "best_f1",
        BestThreshold = "best_f1_thresh";

    private readonly List<(int Row, float[] Starts, float[] Ends)> _logits = [];

    public void Add(ReadOnlySpan<int> rows, IReadOnlyDictionary<string, float[]> outputs)
    {
        var (starts, ends) = (outputs["start_logits"], outputs["end_logits"]);
        var length = starts.Length / rows.Length;
        for (var i = 0; i < rows.Length; i++)
        {
            var row = (i * length)..(i * length + questions.Length(rows[i]));
            _logits.Add((rows[i], starts[row], ends[row]));
        }
    }

    public IEnumerable<(string Name, double Value)> Compute()
    {
        if (_logits.Count == 0)
            return [];
        var predictions = questions.Predict(_logits.Select(window => (window.Row, questions.Window(window.Row, window.Starts, window.Ends))), options);
        var metrics = questions.Evaluate(predictions).Overall;
        var values = new List<(string, double)> { (ValidationMetric.F1, metrics.F1 / 100), (ValidationMetric.ExactMatch, metrics.ExactMatch / 100) };
        if (questions.Tune(predictions) is { } best)
            values.AddRange([(BestF1, best.Score / 100), (BestThreshold, best.Threshold)]);
        return values;
    }
}
