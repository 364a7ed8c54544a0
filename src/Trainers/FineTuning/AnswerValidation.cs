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
        var best = options.HandleImpossibleAnswer ? questions.Tune(predictions) : null;
        return
        [
            (ValidationMetric.F1, metrics.F1 / 100),
            (ValidationMetric.ExactMatch, metrics.ExactMatch / 100),
            (ValidationMetric.BestF1, (best?.Score ?? metrics.F1) / 100),
            .. best is { Threshold: var threshold } ? [(ValidationMetric.BestF1Threshold, threshold)] : Array.Empty<(string, double)>(),
        ];
    }
}
