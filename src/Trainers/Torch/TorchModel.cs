using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;

namespace BertMl.Torch;

/// <summary>
/// A network that learns, and its optimizer: all that the training loop knows of torch. Nothing of torch shows here, so that the
/// loop is about batches, schedules, checkpoints and progress only. Contract for the training room; the torch room fills it in.
/// </summary>
internal sealed class TorchModel : IDisposable
{
    public TorchModel(BertConfig config, ModelTask task, ITensors weights, TorchOptions options) => throw new NotImplementedException();

    /// <summary>The parameters, in the order of <see cref="ParameterList.Of"/>.</summary>
    public IReadOnlyList<Parameter> Parameters => throw new NotImplementedException();

    /// <summary>The precision in use ("float32", "bfloat16 mixed").</summary>
    public string Precision => throw new NotImplementedException();

    /// <summary>Forward and backward of a micro-batch: adds the gradient of (sum of losses × <paramref name="scale"/>) to the gradients.</summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="labels">What is to be predicted.</param>
    /// <param name="scale">1 / (everything that counts in the loss over the whole accumulated batch).</param>
    /// <param name="seed">Decides dropout: the same seed gives the same step.</param>
    public LossSum Accumulate(TokenBatch batch, TrainingLabels labels, double scale, ulong seed) => throw new NotImplementedException();

    /// <summary>Forward without dropout and without gradients.</summary>
    public LossSum Evaluate(TokenBatch batch, TrainingLabels labels) => throw new NotImplementedException();

    /// <summary>Clips by the global norm, takes an AdamW step with the gradients so far, and clears them.</summary>
    /// <param name="learningRate">Learning rate of this step, before each parameter's factor.</param>
    /// <param name="maxGradientNorm">Clip to this norm; infinity: do not clip.</param>
    /// <returns>The norm before clipping; where it is not finite, nothing was changed.</returns>
    public double Step(double learningRate, double maxGradientNorm) => throw new NotImplementedException();

    /// <summary>A copy of the weights now, as float32.</summary>
    public ITensors Snapshot() => throw new NotImplementedException();

    /// <summary>Weights and optimizer state, float32, exactly: what a resumed run needs beside the loop's own position.</summary>
    public void SaveState(Stream stream) => throw new NotImplementedException();

    /// <summary>Restores what <see cref="SaveState"/> wrote.</summary>
    public void LoadState(Stream stream) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>How a model is to learn.</summary>
internal sealed record TorchOptions
{
    /// <summary>null: by the processor (bfloat16 where it has avx512_bf16 or AMX, and a GPU), else as asked.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Auto;
    /// <summary>CUDA device, or null for the CPU.</summary>
    public int? GpuDeviceId { get; init; }
    /// <summary>Decoupled weight decay on all but biases and layer normalization.</summary>
    public double WeightDecay { get; init; } = 0.01;
    public double Beta1 { get; init; } = 0.9;
    public double Beta2 { get; init; } = 0.999;
    public double Epsilon { get; init; } = 1e-8;
    /// <summary>Factor on each parameter's learning rate; 0 freezes it. Null: 1 for all.</summary>
    public Func<Parameter, double>? LearningRateFactor { get; init; }
    /// <summary>Weight of each class in the loss (sum over rows of weight × loss, divided by the sum of weights, as PyTorch), or null.</summary>
    public float[]? ClassWeights { get; init; }
    /// <summary>Label smoothing of cross entropy, as PyTorch defines it. 0: none.</summary>
    public double LabelSmoothing { get; init; }
}

/// <summary>Arithmetic of training.</summary>
public enum TrainingPrecision
{
    /// <summary>bfloat16 mixed where the processor or GPU has instructions for it, else float32.</summary>
    Auto,
    /// <summary>32-bit floating point throughout.</summary>
    Float32,
    /// <summary>Matrix products in bfloat16; weights, gradients' sums, normalization and losses in float32.</summary>
    BFloat16,
}

/// <summary>What a batch's rows are to be predicted as; the fields that the task needs are set.</summary>
internal sealed record TrainingLabels
{
    /// <summary>Class indices: [rows] (sequence), [rows × length] (tokens, masked language model; -100 does not count).</summary>
    public long[]? Classes { get; init; }
    /// <summary>Next-sentence labels, [rows], beside <see cref="Classes"/> in pretraining.</summary>
    public long[]? NextSentence { get; init; }
    /// <summary>Numbers: [rows] (regression) or [rows × labels] (multi-label).</summary>
    public float[]? Values { get; init; }
    /// <summary>Answer positions, [rows] each.</summary>
    public long[]? Starts { get; init; }
    /// <summary>Answer positions, [rows] each.</summary>
    public long[]? Ends { get; init; }
}

/// <summary>Sums over a batch; a mean is a quotient of sums, so batches of different sizes add up rightly.</summary>
/// <param name="Loss">Sum of losses (each with its class weight).</param>
/// <param name="Weight">What the sum is divided by: rows or tokens that count, or the sum of their class weights.</param>
/// <param name="Correct">Predictions that were right.</param>
/// <param name="Count">Predictions.</param>
internal readonly record struct LossSum(double Loss, double Weight, long Correct, long Count)
{
    public static LossSum operator +(LossSum a, LossSum b) => new(a.Loss + b.Loss, a.Weight + b.Weight, a.Correct + b.Correct, a.Count + b.Count);
}
