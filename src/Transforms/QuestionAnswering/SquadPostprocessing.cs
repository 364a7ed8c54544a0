using System.Numerics.Tensors;

namespace BertMl.QuestionAnswering;

/// <summary>
/// Predictions from logits by the sum of the start's and the end's, as the SQuAD evaluation of BERT and of Hugging Face's run_qa do. They are what SQuAD's
/// metrics are reported of.
/// </summary>
public static class SquadPostprocessing
{
    /// <summary>Predicts the answer of a question.</summary>
    /// <param name="context">The context.</param>
    /// <param name="windows">The windows of the context, in order; each begins with [CLS], which stands for no answer.</param>
    /// <param name="options">Number and length of the answers, and the threshold; null: the defaults.</param>
    /// <exception cref="ArgumentException">There are no windows, the lists of one have different lengths, or its offsets are not within the
    /// context.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is not positive, or the threshold is not a number.</exception>
    public static SquadPrediction Predict(string context, IReadOnlyList<AnswerWindow> windows, SquadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(windows);
        options ??= new();
        options.Check();
        if (windows.Count == 0)
            throw new ArgumentException("There are no windows.", nameof(windows));
        var candidates = new List<ScoredAnswer>();
        ScoredAnswer? none = null;
        foreach (var window in windows)
        {
            var (first, end) = window.Check(context);
            var starts = window.StartLogits.Span;
            var ends = window.EndLogits.Span;
            if (none is null || starts[0] + ends[0] < none.Value.Logit)
                none = new("", 0, 0, 0, starts[0], ends[0]);
            var bestEnds = Best(ends, options.NBest);
            foreach (var from in Best(starts, options.NBest).Where(token => token >= first && token < end))
            {
                foreach (var to in bestEnds.Where(token => token >= from && token < end && token - from < options.MaxAnswerLength))
                {
                    var (start, stop) = (window.Units(from).Start, window.Units(to).End);
                    if (start < stop)
                        candidates.Add(new(context[start..stop], 0, start, stop, starts[from], ends[to]));
                }
            }
        }
        if (options.HandleImpossibleAnswer)
            candidates.Add(none!.Value);
        var best = candidates.OrderByDescending(answer => answer.Logit).Take(options.NBest).ToList();
        if (options.HandleImpossibleAnswer && !best.Contains(none!.Value))
            best.Add(none.Value);
        SetProbabilities(best);
        var answer = best.FindIndex(candidate => candidate.Text.Length > 0);
        if (answer < 0)
            return new(none!.Value, null, best);
        var difference = none!.Value.Logit - best[answer].Logit;
        var isNull = options.HandleImpossibleAnswer && difference > options.NullScoreThreshold;
        return new(isNull ? best.Find(candidate => candidate.Text.Length == 0) : best[answer], difference, best);
    }

    // The tokens with the greatest logits.
    private static int[] Best(ReadOnlySpan<float> logits, int count)
    {
        var values = logits.ToArray();
        var tokens = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort(values, tokens);
        Array.Reverse(tokens);
        return tokens.Length <= count ? tokens : tokens[..count];
    }

    private static void SetProbabilities(List<ScoredAnswer> answers)
    {
        if (answers.Count == 0)
            return;
        var values = answers.Select(answer => answer.Logit).ToArray();
        TensorPrimitives.SoftMax(values, values);
        for (var i = 0; i < values.Length; i++)
            answers[i] = answers[i] with { Probability = values[i] };
    }
}

/// <summary>How predictions are made. The defaults are those of Hugging Face's run_qa.</summary>
public sealed record SquadOptions
{
    /// <summary>The number of answers that are kept, and of start and end tokens that are looked at. Default: 20.</summary>
    public int NBest { get; init; } = 20;

    /// <summary>The largest number of tokens of an answer. Default: 30.</summary>
    public int MaxAnswerLength { get; init; } = 30;

    /// <summary>May a question have no answer (SQuAD 2.0)? Default: false.</summary>
    public bool HandleImpossibleAnswer { get; init; }

    /// <summary>
    /// A question has no answer where the logit of no answer is greater than the best answer's by more than this. Default: 0.
    /// <see cref="NullAnswerThreshold.Tune"/> finds a better one.
    /// </summary>
    public double NullScoreThreshold { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(NBest);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxAnswerLength);
        if (double.IsNaN(NullScoreThreshold))
            throw new ArgumentOutOfRangeException(nameof(NullScoreThreshold), NullScoreThreshold, "The threshold is not a number.");
    }
}

/// <summary>A prediction for a question.</summary>
/// <param name="Answer">The predicted answer; its text is "" where there is none.</param>
/// <param name="NullScoreDifference">
/// The logit of no answer (the least of all windows) less the logit of the best answer: what the threshold is compared with. null where no answer was found.
/// </param>
/// <param name="NBest">The best answers, best first; "" is among them where a question may have no answer.</param>
public sealed record SquadPrediction(ScoredAnswer Answer, double? NullScoreDifference, IReadOnlyList<ScoredAnswer> NBest);

/// <summary>An answer with its logits.</summary>
/// <param name="Text">The answer: context[Start..End]; "": no answer.</param>
/// <param name="Probability">The softmax of the logits over the best answers; 0 where no answer was found.</param>
/// <param name="Start">The first UTF-16 unit of the answer in the context.</param>
/// <param name="End">The end of the answer in the context, excluded.</param>
/// <param name="StartLogit">The logit of its first token.</param>
/// <param name="EndLogit">The logit of its last token.</param>
public readonly record struct ScoredAnswer(string Text, double Probability, int Start, int End, float StartLogit, float EndLogit)
{
    /// <summary>The sum of the logits.</summary>
    public double Logit => (double)StartLogit + EndLogit;
}
