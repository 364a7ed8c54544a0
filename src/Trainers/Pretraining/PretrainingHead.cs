using BertMl.Networks;

namespace BertMl.Pretraining;

/// <summary>The head that a pretraining learns: it follows from the architecture and from the layout of rows.</summary>
internal static class PretrainingHead
{
    /// <summary>
    /// Of an architecture that predicts masked tokens: <see cref="Head.MaskedLM"/>, or <see cref="Head.PreTraining"/> where rows are sentence pairs. Of one
    /// that predicts the next token only, as GPT-2: <see cref="Head.CausalLM"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The architecture has no such head.</exception>
    public static Head Of(Architecture architecture, SequenceLayout sequences)
    {
        bool Has(Head head) => architecture.Heads.Contains(head);
        if (sequences == SequenceLayout.SentencePairs)
        {
            return Has(Head.PreTraining)
                ? Head.PreTraining
                : throw new InvalidOperationException(
                    $"Sentence pairs are for next-sentence prediction, but the architecture '{architecture}' has no head {Head.PreTraining}. "
                        + $"Set {nameof(BertPretrainingTrainer.Options.Sequences)} to {SequenceLayout.Packed} or {SequenceLayout.LineByLine}."
                );
        }
        return Has(Head.MaskedLM) ? Head.MaskedLM
            : Has(Head.CausalLM) ? Head.CausalLM
            : throw new InvalidOperationException(
                $"The architecture '{architecture}' has no head to pretrain, neither {Head.MaskedLM} nor {Head.CausalLM}; it has "
                    + $"{string.Join(", ", architecture.Heads)}."
            );
    }
}
