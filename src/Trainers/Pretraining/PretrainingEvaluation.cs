using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Torch;
using BertMl.Training;

namespace BertMl.Pretraining;

/// <summary>Evaluates a model on masked texts.</summary>
internal static class PretrainingEvaluation
{
    /// <summary>Evaluates on all rows, masked as in epoch 0.</summary>
    /// <param name="model">A model with a masked-language-model head.</param>
    /// <param name="set">The rows.</param>
    /// <param name="hasSentencePairs">Are there next-sentence labels too?</param>
    /// <param name="batchSize">Rows at once.</param>
    /// <param name="options">Precision and device.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static PretrainingMetrics Evaluate(
        PretrainedModel model,
        ITrainingSet set,
        bool hasSentencePairs,
        int batchSize,
        TorchOptions options,
        CancellationToken cancellationToken
    )
    {
        // Each head by itself: the loss of pretraining is their sum.
        var tokens = Sum(model, ModelTask.MaskedLM, set, labels => labels, batchSize, options, cancellationToken);
        var next =
            hasSentencePairs && model.Task == ModelTask.PreTraining
                ? Sum(model, ModelTask.NextSentencePrediction, set, labels => new() { Classes = labels.NextSentence }, batchSize, options, cancellationToken)
                : default;
        return new(
            tokens.Loss / tokens.Weight,
            (double)tokens.Correct / tokens.Count,
            tokens.Count,
            next.Count == 0 ? null : (double)next.Correct / next.Count
        );
    }

    private static LossSum Sum(
        PretrainedModel model,
        ModelTask task,
        ITrainingSet set,
        Func<TrainingLabels, TrainingLabels> select,
        int batchSize,
        TorchOptions options,
        CancellationToken cancellationToken
    )
    {
        using var network = new TorchModel(model.Config, task, model.Weights, options);
        var (batch, sum) = (new TokenBatch(), default(LossSum));
        foreach (var rows in LengthGroupedBatches.ForEvaluation(set, batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var labels = set.Fill(rows, 0, batch, out _);
            sum += network.Evaluate(batch, select(labels));
        }
        return sum;
    }
}
