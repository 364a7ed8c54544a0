namespace BertMl.Onnx;

/// <summary>Element type of weights and activations on a GPU. Inputs and outputs keep their types: ids are int64, outputs are float32.</summary>
public enum CudaPrecision
{
    /// <summary>32-bit floating point. Matrix products are computed in TF32, with 10 bits of mantissa.</summary>
    Float32,

    /// <summary>16-bit floating point (IEEE half): half the memory. Numbers beyond 65,504 overflow, and those below 6e-8 become 0.</summary>
    Float16,

    /// <summary>The upper half of a 32-bit floating point number: half the memory, the range of float32, 8 bits of mantissa.</summary>
    BFloat16,
}

/// <summary>How a session computes on an NVIDIA GPU. The CPU does not read these.</summary>
public sealed record CudaOptions
{
    /// <summary>Element type of weights and activations. Default: <see cref="CudaPrecision.Float32"/>.</summary>
    public CudaPrecision Precision { get; init; }

    /// <summary>
    /// Attention as one node, MultiHeadAttention of ONNX Runtime's domain com.microsoft, where the architecture's attention is of its kind: no bias of
    /// positions and no window. Attentions that become outputs, and layers of which one row is read, are computed as without it. Default: false.
    /// </summary>
    public bool FusedAttention { get; init; }

    /// <summary>
    /// Runs by OrtIoBinding: inputs are copied to the GPU before a run, and outputs from it afterwards, instead of within the run. Default: false.
    /// </summary>
    public bool IoBinding { get; init; }
}
