using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;

namespace BertMl.Training;

/// <summary>What the training loop needs of that which learns: gradients add up over micro-batches until a step is taken.</summary>
internal interface ILearner
{
    /// <summary>The device in use ("cpu", "cuda:0").</summary>
    string Device { get; }

    /// <summary>The precision in use ("float32", "bfloat16 mixed").</summary>
    string Precision { get; }

    /// <summary>
    /// Forward and backward of a micro-batch: adds the gradient of each term of the loss, summed over the batch, times its scale, to the gradients.
    /// </summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="labels">What is to be predicted.</param>
    /// <param name="scales">For each term of the loss, 1 / (everything that counts in it over the whole accumulated batch).</param>
    /// <param name="seed">Decides dropout: the same seed gives the same step.</param>
    LossSum Accumulate(TokenBatch batch, TrainingLabels labels, IReadOnlyList<double> scales, ulong seed);

    /// <summary>Forward without dropout and without gradients.</summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="labels">What is to be predicted.</param>
    /// <param name="receive">Receives the outputs by name, as <see cref="IValidation.Add"/> takes them; null: nobody does.</param>
    LossSum Evaluate(TokenBatch batch, TrainingLabels labels, Action<IReadOnlyDictionary<string, float[]>>? receive = null);

    /// <summary>Clips by the global norm, takes an optimizer step with the gradients so far, and clears them.</summary>
    /// <returns>The norm before clipping; where it is not finite, nothing was changed.</returns>
    double Step(double learningRate, double maxGradientNorm);

    /// <summary>The name of a parameter that holds NaN or infinity; null: all are finite.</summary>
    string? FindNonFinite();

    /// <summary>A copy of the weights now, as float32.</summary>
    ITensors Snapshot();

    /// <summary>Writes weights and optimizer state, exactly.</summary>
    void SaveState(Stream stream);

    /// <summary>Restores what <see cref="SaveState"/> wrote.</summary>
    void LoadState(Stream stream);
}
