using BertMl.DataView;
using BertMl.Onnx;
using Microsoft.ML;

namespace BertMl;

/// <summary>Settings of <see cref="MLContext"/> for NVIDIA GPUs.</summary>
public static class CudaOptionsCatalog
{
    /// <summary>
    /// Sets how the transformers of this context that are made from now on compute on the GPU of <see cref="MLContext.GpuDeviceId"/>. Without it they compute
    /// in float32. On the CPU it says nothing.
    /// </summary>
    /// <param name="context">The context.</param>
    /// <param name="options">Precision, fused attention, binding of inputs and outputs.</param>
    /// <exception cref="ArgumentNullException">The context or the options are null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The precision is none of <see cref="CudaPrecision"/>.</exception>
    public static void SetCudaOptions(this MLContext context, CudaOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        if (!Enum.IsDefined(options.Precision))
            throw new ArgumentOutOfRangeException(nameof(options), options.Precision, "An unknown precision.");
        MlNetInternals.SetOption(context, options);
    }
}
