namespace BertMl.QuestionAnswering;

/// <summary>A question with a part of its context, tokenized, and what the model says of each token.</summary>
/// <param name="StartLogits">The logit of each token to be the first of the answer.</param>
/// <param name="EndLogits">The logit of each token to be the last of the answer.</param>
/// <param name="Offsets">The UTF-16 units of the context that each token covers; those of tokens outside of it do not count.</param>
/// <param name="WordIds">Which word of the context each token is of; null where it is of none.</param>
/// <param name="Context">The tokens that are of the context.</param>
public sealed record AnswerWindow(
    ReadOnlyMemory<float> StartLogits,
    ReadOnlyMemory<float> EndLogits,
    IReadOnlyList<Range> Offsets,
    IReadOnlyList<int?> WordIds,
    Range Context
)
{
    /// <summary>The first token of the context and the end of the last one.</summary>
    /// <exception cref="ArgumentException">The lists have different lengths, or the context is not within them.</exception>
    internal (int Start, int End) Check(string text)
    {
        var count = Offsets.Count;
        if (count == 0 || StartLogits.Length != count || EndLogits.Length != count || WordIds.Count != count)
            throw new ArgumentException(
                $"A window has {count} offsets, {WordIds.Count} word ids, {StartLogits.Length} start logits and {EndLogits.Length} end logits; "
                    + $"expected as many."
            );
        var (start, end) = (Context.Start.GetOffset(count), Context.End.GetOffset(count));
        if (start < 1 || end > count || start > end)
            throw new ArgumentException($"The context is the tokens {Context} of a window of {count}; expected a range after the first token ([CLS]).");
        for (var i = start; i < end; i++)
        {
            var (from, to) = Units(i);
            if (from > to || to > text.Length)
                throw new ArgumentException($"Token {i} covers {Offsets[i]}, which is not within the {text.Length} UTF-16 units of the context.");
        }
        return (start, end);
    }

    /// <summary>The UTF-16 units of a token.</summary>
    internal (int Start, int End) Units(int token) => (Offsets[token].Start.Value, Offsets[token].End.Value);
}
