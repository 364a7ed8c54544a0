using BertMl.Batches;
using BertMl.DataView;
using BertMl.Onnx;
using BertMl.QuestionAnswering;
using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Scoring;

/// <summary>Questions and contexts to windows, windows to logits, and these to answers.</summary>
internal sealed class QuestionAnsweringScorer(
    BertQuestionAnsweringOptions options,
    QuestionWindows windows,
    BatchRunner runner,
    TruncationCounter cutQuestions,
    DataViewRow row,
    DataViewSchema.Column contextColumn,
    DataViewSchema.Column questionColumn,
    int capacity
) : RowScorer
{
    private readonly ValueGetter<ReadOnlyMemory<char>> _getContext = row.GetGetter<ReadOnlyMemory<char>>(contextColumn);
    private readonly ValueGetter<ReadOnlyMemory<char>> _getQuestion = row.GetGetter<ReadOnlyMemory<char>>(questionColumn);
    private readonly string[] _contexts = new string[capacity];
    private readonly string[] _questions = new string[capacity];
    private readonly (Answer Answer, IReadOnlyList<Answer> NBest, float NullScore)[] _answers = new (Answer, IReadOnlyList<Answer>, float)[capacity];
    private readonly TokenizedTexts _rows = QuestionWindows.CreateRows();
    private AnswerWindow[] _computed = [];

    public override void Read(int slot)
    {
        _contexts[slot] = NotEmpty(_getContext, contextColumn);
        _questions[slot] = NotEmpty(_getQuestion, questionColumn);
    }

    public override void Compute(int count)
    {
        _rows.Clear();
        cutQuestions.Add(count, windows.Encode(_questions[..count], _contexts[..count], _rows));
        if (_computed.Length < _rows.Count)
            _computed = new AnswerWindow[_rows.Count];
        runner.Run(_rows, Receive);
        for (int text = 0, first = 0; text < count; text++)
        {
            var end = first;
            while (end < _rows.Count && _rows.TextIndex(end) == text)
                end++;
            _answers[text] = Answer(_contexts[text], _computed[first..end]);
            first = end;
        }
        Array.Clear(_computed);
    }

    private void Receive(ReadOnlySpan<int> rows, ModelOutputs outputs)
    {
        var starts = outputs["start_logits"];
        var ends = outputs["end_logits"];
        var length = (int)outputs.Shape("start_logits")[1];
        for (var i = 0; i < rows.Length; i++)
        {
            var tokens = _rows.Length(rows[i]);
            _computed[rows[i]] = QuestionWindows.Window(_rows, rows[i], starts.Slice(i * length, tokens), ends.Slice(i * length, tokens));
        }
    }

    private (Answer, IReadOnlyList<Answer>, float) Answer(string context, AnswerWindow[] computed)
    {
        if (windows.Tokenizer.TruncatesLeft)
            Array.Reverse(computed);
        if (options.Scoring == AnswerScoring.Probability)
        {
            var found = AnswerPipeline.Find(
                context,
                computed,
                new()
                {
                    TopK = options.TopK,
                    MaxAnswerLength = options.MaximumAnswerLength,
                    HandleImpossibleAnswer = options.HandleImpossibleAnswer ?? false,
                    AlignToWords = options.AlignToWords,
                }
            );
            return (found.Count > 0 ? found[0] : new Answer("", 0, 0, 0), found, float.NaN);
        }
        var prediction = SquadPostprocessing.Predict(context, computed, options.ForSquad());
        return (Plain(prediction.Answer), [.. prediction.NBest.Take(options.TopK).Select(Plain)], (float)(prediction.NullScoreDifference ?? double.NaN));

        static Answer Plain(ScoredAnswer answer) => new(answer.Text, answer.Probability, answer.Start, answer.End);
    }

    public override Delegate CreateGetter(int output, Slot slot) =>
        output switch
        {
            0 => (ValueGetter<ReadOnlyMemory<char>>)((ref value) => value = _answers[slot.Index].Answer.Text.AsMemory()),
            1 => (ValueGetter<float>)((ref value) => value = (float)_answers[slot.Index].Answer.Score),
            2 => (ValueGetter<int>)((ref value) => value = _answers[slot.Index].Answer.Start),
            3 => (ValueGetter<int>)((ref value) => value = _answers[slot.Index].Answer.End),
            4 => Vector(() => _answers[slot.Index].NBest, answer => answer.Text.AsMemory()),
            5 => Vector(() => _answers[slot.Index].NBest, answer => (float)answer.Score),
            6 => Vector(() => _answers[slot.Index].NBest, answer => answer.Start),
            7 => Vector(() => _answers[slot.Index].NBest, answer => answer.End),
            _ => (ValueGetter<float>)((ref value) => value = _answers[slot.Index].NullScore),
        };

    public override void Dispose() => cutQuestions.Report();

    private string NotEmpty(ValueGetter<ReadOnlyMemory<char>> get, DataViewSchema.Column column)
    {
        ReadOnlyMemory<char> value = default;
        get(ref value);
        return value.Span.IsWhiteSpace()
            ? throw new ArgumentOutOfRangeException("input", $"Column '{column.Name}' is empty in row {row.Position + 1}; expected text.")
            : value.ToString();
    }
}
