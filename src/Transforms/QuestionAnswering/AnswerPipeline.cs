using System.Numerics.Tensors;

namespace BertMl.QuestionAnswering;

/// <summary>Answers from logits, as Hugging Face's question-answering pipeline gives them: by probability over the tokens of each window.</summary>
public static class AnswerPipeline
{
    /// <summary>Finds the most probable answers.</summary>
    /// <param name="context">The context.</param>
    /// <param name="windows">The windows of the context, in order; each begins with [CLS], which stands for no answer.</param>
    /// <param name="options">Number and length of the answers; null: the defaults.</param>
    /// <returns>At most <see cref="AnswerOptions.TopK"/> answers, the most probable first; fewer where the context has fewer.</returns>
    /// <exception cref="ArgumentException">The lists of a window have different lengths, or its offsets are not within the context.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is not positive.</exception>
    public static IReadOnlyList<Answer> Find(string context, IReadOnlyList<AnswerWindow> windows, AnswerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(windows);
        options ??= new();
        options.Check();
        // Different tokens may be the same answer once they are aligned to words: so more of them are looked at.
        var candidates = options.AlignToWords ? options.TopK * 2 + 10 : options.TopK;
        var nullScore = double.PositiveInfinity;
        var answers = new List<Answer>();
        foreach (var window in windows)
        {
            var (first, end) = window.Check(context);
            var start = Probabilities(window.StartLogits.Span, first, end);
            var stop = Probabilities(window.EndLogits.Span, first, end);
            nullScore = Math.Min(nullScore, (double)start[0] * stop[0]);
            foreach (var (from, to, score) in Best(start.AsSpan(1), stop.AsSpan(1), candidates, options.MaxAnswerLength))
                Add(answers, Locate(context, window, first + from, first + to, first, end, options.AlignToWords) with { Score = score });
        }
        if (options.HandleImpossibleAnswer && windows.Count > 0)
            answers.Add(new("", nullScore, 0, 0));
        return [.. answers.OrderByDescending(answer => answer.Score).Take(options.TopK)];
    }

    // Softmax over [CLS] and the tokens of the context.
    private static float[] Probabilities(ReadOnlySpan<float> logits, int start, int end)
    {
        float[] values = [logits[0], .. logits[start..end]];
        TensorPrimitives.SoftMax(values, values);
        return values;
    }

    // The most probable pairs of a first and a last token, the best first.
    private static List<(int From, int To, double Score)> Best(ReadOnlySpan<float> start, ReadOnlySpan<float> end, int count, int maximumLength)
    {
        var best = new PriorityQueue<(int From, int To, double Score), double>();
        for (var from = 0; from < start.Length; from++)
        {
            for (var to = from; to < Math.Min(end.Length, from + maximumLength); to++)
            {
                var score = (double)(start[from] * end[to]);
                if (score <= 0)
                    continue;
                if (best.Count < count)
                    best.Enqueue((from, to, score), score);
                else if (score > best.Peek().Score)
                    best.EnqueueDequeue((from, to, score), score);
            }
        }
        return [.. best.UnorderedItems.Select(item => item.Element).OrderByDescending(pair => pair.Score)];
    }

    private static Answer Locate(string context, AnswerWindow window, int from, int to, int first, int end, bool alignToWords)
    {
        if (alignToWords && window.WordIds[from] is { } firstWord && window.WordIds[to] is { } lastWord)
        {
            while (from > first && window.WordIds[from - 1] == firstWord)
                from--;
            while (to + 1 < end && window.WordIds[to + 1] == lastWord)
                to++;
        }
        var (start, stop) = (window.Units(from).Start, window.Units(to).End);
        return new(start < stop ? context[start..stop] : "", 0, start, stop);
    }

    // The same text, be it elsewhere in the context, is the same answer: the first place stays.
    private static void Add(List<Answer> answers, Answer answer)
    {
        var same = answers.FindIndex(other => string.Equals(other.Text, answer.Text, StringComparison.OrdinalIgnoreCase));
        if (same < 0)
            answers.Add(answer);
        else
            answers[same] = answers[same] with { Score = answers[same].Score + answer.Score };
    }
}
