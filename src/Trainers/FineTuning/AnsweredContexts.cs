using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using BertMl.Batches;
using BertMl.QuestionAnswering;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Training;

namespace BertMl.FineTuning;

/// <summary>Questions with their contexts: read once, tokenized on all cores into windows, each with the tokens at which its answer starts and ends.</summary>
/// <param name="windows">How questions become windows.</param>
/// <param name="keepsTexts">Are answers to be made of logits, as validation does?</param>
/// <param name="options">How validation chooses answers.</param>
internal sealed class AnsweredContexts(QuestionWindows windows, bool keepsTexts, Func<SquadOptions> options) : ITrainingSet
{
    private const int RowsAtOnce = 512;
    private readonly TokenizedTexts _rows = keepsTexts ? QuestionWindows.CreateRows() : new();
    private readonly List<(int Start, int End)> _positions = [];
    private readonly List<int> _questions = [];
    private readonly List<(string Context, string[] Answers)> _texts = [];

    /// <summary>Questions that were cut to their maximum length.</summary>
    public int CutQuestions { get; private set; }

    /// <summary>Number of questions.</summary>
    public int QuestionCount { get; private set; }

    /// <summary>Number of questions that their context does not answer.</summary>
    public int Unanswerable { get; private set; }

    public int Count => _positions.Count;

    public int Length(int row) => _rows.Length(row);

    /// <summary>The question that a window is of.</summary>
    public int Question(int row) => _questions[row];

    /// <summary>Reads and tokenizes questions.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Read(IEnumerable<AnsweredContext> questions, RowReading reading)
    {
        foreach (var chunk in questions.Chunk(RowsAtOnce))
        {
            reading.ThrowIfCancellationRequested();
            Add(chunk);
        }
    }

    private void Add(AnsweredContext[] questions)
    {
        var rows = QuestionWindows.CreateRows();
        CutQuestions += windows.Encode(
            Array.ConvertAll(questions, question => question.Question),
            Array.ConvertAll(questions, question => question.Context),
            rows
        );
        for (var row = 0; row < rows.Count; row++)
        {
            _positions.Add(Positions(rows, row, questions[rows.TextIndex(row)]));
            _questions.Add(QuestionCount + rows.TextIndex(row));
            _rows.Add(rows, row);
        }
        QuestionCount += questions.Length;
        Unanswerable += questions.Count(question => question.Answers.Length == 0);
        if (keepsTexts)
            _texts.AddRange(questions.Select(question => (question.Context, question.Answers)));
    }

    // The first and the last token of the answer; where the window does not have all of it, [CLS].
    private static (int Start, int End) Positions(TokenizedTexts rows, int row, AnsweredContext question)
    {
        if (question.Answers.Length == 0)
            return (0, 0);
        var (from, to) = (question.Starts[0], question.Starts[0] + question.Answers[0].Length);
        var offsets = rows.Offsets(row);
        var (first, count) = QuestionWindows.Context(rows, row).GetOffsetAndLength(offsets.Length);
        if (count == 0 || offsets[first].Start.Value > from || offsets[first + count - 1].End.Value < to)
            return (0, 0);
        var (start, end) = (first, first + count - 1);
        while (start < end && offsets[start + 1].Start.Value <= from)
            start++;
        while (end > start && offsets[end - 1].End.Value >= to)
            end--;
        return (start, end);
    }

    public TrainingLabels Fill(ReadOnlySpan<int> rows, int epoch, TokenBatch batch)
    {
        batch.Fill(_rows, rows, windows.Tokenizer.PaddingId);
        var (starts, ends) = (new long[rows.Length], new long[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
            (starts[i], ends[i]) = _positions[rows[i]];
        return new()
        {
            ["start_positions"] = starts,
            ["end_positions"] = ends,
            Weights = [rows.Length, rows.Length],
        };
    }

    public IValidation? Validate() => keepsTexts ? new AnswerValidation(this, options()) : null;

    /// <summary>A window with what the model says of it.</summary>
    public AnswerWindow Window(int row, ReadOnlySpan<float> startLogits, ReadOnlySpan<float> endLogits) =>
        QuestionWindows.Window(_rows, row, startLogits, endLogits);

    /// <summary>Predicts the answers of the questions that windows are of.</summary>
    /// <param name="computed">Their windows, with the logits; all windows of a question, in any order.</param>
    /// <param name="squad">How answers are chosen.</param>
    public IReadOnlyList<(int Question, SquadPrediction Prediction)> Predict(IEnumerable<(int Row, AnswerWindow Window)> computed, SquadOptions squad) =>
        [
            .. computed
                .GroupBy(window => Question(window.Row))
                .OrderBy(question => question.Key)
                .Select(question =>
                {
                    AnswerWindow[] ofQuestion = [.. question.OrderBy(window => window.Row).Select(window => window.Window)];
                    return (question.Key, SquadPostprocessing.Predict(_texts[question.Key].Context, ofQuestion, squad));
                }),
        ];

    /// <summary>Exact match and F1 of predictions.</summary>
    public SquadMetrics Evaluate(IReadOnlyList<(int Question, SquadPrediction Prediction)> predictions) =>
        SquadMetrics.Compute(
            predictions.Select(prediction => new AnsweredQuestion(Id(prediction.Question), _texts[prediction.Question].Answers)),
            predictions.ToDictionary(prediction => Id(prediction.Question), prediction => prediction.Prediction.Answer.Text, StringComparer.Ordinal)
        );

    /// <summary>The threshold of no answer that is best for predictions; null where each question has an answer.</summary>
    public NullAnswerThreshold? Tune(IReadOnlyList<(int Question, SquadPrediction Prediction)> predictions)
    {
        var answerable = predictions.Select(prediction => _texts[prediction.Question].Answers.Length > 0).ToArray();
        if (!answerable.Contains(false))
            return null;
        // A question for which nothing was found has no answer, whatever the threshold.
        return NullAnswerThreshold.Tune(
            [.. predictions.Select(prediction => prediction.Prediction.NullScoreDifference ?? double.PositiveInfinity)],
            [.. predictions.Select(prediction => F1(prediction.Question, prediction.Prediction))],
            answerable
        );
    }

    private double F1(int question, SquadPrediction prediction) =>
        prediction.NBest.FirstOrDefault(answer => answer.Text.Length > 0) is { Text: { Length: > 0 } text } ? SquadScore.F1(text, _texts[question].Answers) : 0;

    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var row = 0; row < Count; row++)
        {
            hash.AppendData(
                MemoryMarshal.AsBytes<int>([_questions[row], _positions[row].Start, _positions[row].End, _rows.FirstCount(row), _rows.Length(row)])
            );
            hash.AppendData(MemoryMarshal.AsBytes(_rows.Ids(row)));
        }
        // All answers of a question count in the metrics of validation.
        foreach (var answer in _texts.SelectMany(text => text.Answers))
            hash.AppendData(MemoryMarshal.AsBytes((answer + "\n").AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    private static string Id(int question) => question.ToString(CultureInfo.InvariantCulture);
}
