namespace BertMl.Pretraining;

/// <summary>How well a model predicts the masked tokens of a text.</summary>
/// <param name="Loss">Mean cross entropy of the masked tokens, in nats.</param>
/// <param name="MaskedAccuracy">Part of the masked tokens for which the right one was the most probable, 0 to 1.</param>
/// <param name="MaskedTokenCount">Number of masked tokens.</param>
/// <param name="NextSentenceAccuracy">Part of the sentence pairs that were judged rightly, 0 to 1; null where there are none.</param>
public sealed record PretrainingMetrics(double Loss, double MaskedAccuracy, long MaskedTokenCount, double? NextSentenceAccuracy = null)
{
    /// <summary>exp(<see cref="Loss"/>).</summary>
    public double Perplexity => Math.Exp(Loss);
}
