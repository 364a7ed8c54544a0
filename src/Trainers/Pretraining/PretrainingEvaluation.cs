using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Torch;
using BertMl.Training;

namespace BertMl.Pretraining;

/// <summary>Evaluates a model on the rows of a text.</summary>
internal static class PretrainingEvaluation
{
    /// <summary>Evaluates on all rows, with the labels of epoch 0.</summary>
    /// <param name="model">A model with the head of its pretraining.</param>
    /// <param name="set">The rows.</param>
    /// <param name="batchSize">Rows at once.</param>
    /// <param name="options">Precision and device.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static PretrainingMetrics Evaluate(PretrainedModel model, ITrainingSet set, int batchSize, TorchOptions options, CancellationToken cancellationToken)
    {
        using var network = new TorchModel(model.Config, model.Head, model.Weights, options);
        var (batch, sum) = (new TokenBatch(), default(LossSum));
        var batches = LengthGroupedBatches.ForEvaluation(set, batchSize);
        for (var i = 0; i < batches.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum += network.Evaluate(batch, set.Fill(batches[i], 0, batch));
        }
        var tokens = sum.Terms?[0] ?? default;
        var next = sum.Terms is [_, var second] ? second : default;
        return new(
            tokens.Loss / tokens.Weight,
            (double)tokens.Correct / tokens.Count,
            tokens.Count,
            next.Count == 0 ? null : (double)next.Correct / next.Count
        );
    }
}
