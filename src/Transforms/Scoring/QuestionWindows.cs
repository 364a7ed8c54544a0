using System.Text;
using BertMl.Batches;
using BertMl.QuestionAnswering;
using BertMl.Tokenization;

namespace BertMl.Scoring;

/// <summary>Questions with their contexts as windows of tokens: a long context has several, which overlap; the question is in each of them.</summary>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="MaximumLength">Tokens of a window at most.</param>
/// <param name="Stride">Tokens of the context that each window repeats of the one before it.</param>
/// <param name="MaximumQuestionLength">Tokens of a question at most.</param>
internal sealed record QuestionWindows(PretrainedTokenizer Tokenizer, int MaximumLength, int Stride, int MaximumQuestionLength)
{
    private readonly EncodingOptions _options = new()
    {
        MaximumLength = MaximumLength,
        Stride = Stride,
        Truncation = TruncationStrategy.OnlySecond,
    };

    /// <summary>Rows to be filled.</summary>
    public static TokenizedTexts CreateRows() => new(TokenDetails.All);

    /// <summary>Appends the windows of some questions.</summary>
    /// <returns>How many questions were cut.</returns>
    public int Encode(IReadOnlyList<string> questions, IReadOnlyList<string> contexts, TokenizedTexts rows, CancellationToken cancellationToken = default)
    {
        var cut = 0;
        var kept = new ReadOnlyMemory<char>[questions.Count];
        for (var i = 0; i < kept.Length; i++)
        {
            kept[i] = Cut(questions[i]).AsMemory();
            if (kept[i].Length < questions[i].Length)
                cut++;
        }
        Tokenizer.EncodeBatch(kept, [.. contexts.Select(context => context.AsMemory())], _options, windows: true, rows, cancellationToken);
        return cut;
    }

    /// <summary>The tokens of a row that are of the context.</summary>
    public static Range Context(TokenizedTexts rows, int row)
    {
        var sequences = rows.SequenceIds(row);
        var first = sequences.IndexOf((sbyte)1);
        return first < 0 ? ^0..^0 : first..(sequences.LastIndexOf((sbyte)1) + 1);
    }

    /// <summary>A row with what the model says of it.</summary>
    public static AnswerWindow Window(TokenizedTexts rows, int row, ReadOnlySpan<float> startLogits, ReadOnlySpan<float> endLogits) =>
        new(
            startLogits.ToArray(),
            endLogits.ToArray(),
            rows.Offsets(row).ToArray(),
            Array.ConvertAll(rows.WordIds(row).ToArray(), word => word < 0 ? (int?)null : word),
            Context(rows, row)
        );

    private string Cut(string question)
    {
        // A token has a byte at least, but for a mark that begins the text.
        if (Encoding.UTF8.GetByteCount(question) < MaximumQuestionLength)
            return question;
        var plain = new EncodingOptions { AddSpecialTokens = false };
        var encoding = Tokenizer.Encode(question, options: plain);
        for (var keep = MaximumQuestionLength; encoding.Ids.Length > MaximumQuestionLength; keep--)
        {
            question = question[..encoding.Offsets[keep - 1].End.Value];
            encoding = Tokenizer.Encode(question, options: plain);
        }
        return question;
    }
}
