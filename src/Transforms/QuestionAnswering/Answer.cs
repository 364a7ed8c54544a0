namespace BertMl.QuestionAnswering;

/// <summary>An answer that was found in a context.</summary>
/// <param name="Text">The answer: context[Start..End]; "": the context does not answer the question.</param>
/// <param name="Score">The probability; answers of several windows with the same text add theirs.</param>
/// <param name="Start">The first UTF-16 unit of the answer in the context.</param>
/// <param name="End">The end of the answer in the context, excluded.</param>
public readonly record struct Answer(string Text, double Score, int Start, int End);

/// <summary>How answers are chosen. The defaults are those of Hugging Face's question-answering pipeline.</summary>
public sealed record AnswerOptions
{
    /// <summary>The number of answers. Default: 1.</summary>
    public int TopK { get; init; } = 1;

    /// <summary>The largest number of tokens of an answer. Default: 15.</summary>
    public int MaxAnswerLength { get; init; } = 15;

    /// <summary>Is "" one of the answers, with the least probability that a window gives to it? Default: false.</summary>
    public bool HandleImpossibleAnswer { get; init; }

    /// <summary>Do answers begin and end where words do? Default: true.</summary>
    public bool AlignToWords { get; init; } = true;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(TopK);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxAnswerLength);
    }
}
