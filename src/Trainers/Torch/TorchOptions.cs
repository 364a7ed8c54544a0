using BertMl.Networks;
using BertMl.Training;

namespace BertMl.Torch;

/// <summary>How a model is to learn.</summary>
internal sealed record TorchOptions
{
    /// <summary>Arithmetic of the matrix products.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Auto;

    /// <summary>CUDA device, or null for the CPU.</summary>
    public int? GpuDeviceId { get; init; }

    /// <summary>Where there is no such CUDA device: learn on the CPU, or throw?</summary>
    public bool FallbackToCpu { get; init; }

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

    /// <summary>Plain torch operations instead of the kernels written for the CPU; always so on a GPU.</summary>
    public bool PlainOperations { get; init; }

    /// <summary>The default implementations of composites instead of the nodes written for them: what these are tested against.</summary>
    public bool DefaultComposites { get; init; }
}
