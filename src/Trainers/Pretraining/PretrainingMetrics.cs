namespace BertMl.Pretraining;

/// <summary>
/// How well a model predicts the tokens of a text: a masked language model those that are masked, a causal one all but the first of each row.
/// </summary>
/// <param name="Loss">Mean cross entropy of the predicted tokens, in nats.</param>
/// <param name="Accuracy">Part of the predicted tokens for which the right one was the most probable, 0 to 1.</param>
/// <param name="PredictedTokenCount">Number of predicted tokens.</param>
/// <param name="NextSentenceAccuracy">Part of the sentence pairs that were judged rightly, 0 to 1; null where there are none.</param>
public sealed record PretrainingMetrics(double Loss, double Accuracy, long PredictedTokenCount, double? NextSentenceAccuracy = null)
{
    /// <summary>exp(<see cref="Loss"/>).</summary>
    public double Perplexity => Math.Exp(Loss);
}
