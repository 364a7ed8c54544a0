using Microsoft.ML.OnnxRuntime;

namespace BertMl.Onnx;

/// <summary>Where ONNX Runtime computes. Every session is opened here; <see cref="OnnxRuntimeLibrary"/> has loaded it before.</summary>
internal static class ExecutionProviders
{
    public const string Cpu = "CPUExecutionProvider";
    public const string Cuda = "CUDAExecutionProvider";

    /// <summary>Opens a session on the CPU.</summary>
    /// <param name="open">Opens it.</param>
    /// <param name="threads">Its threads; null: as many as ONNX Runtime finds right.</param>
    /// <param name="remembersShapes">
    /// Keeps for each shape where in one block of memory its values lie. A run of a shape seen before then asks for memory once instead of for each
    /// node: 10 µs less for a model of two layers. The 2,770 shapes of up to 512 tokens take 8 MB with six layers.
    /// </param>
    public static InferenceSession OpenCpu(Func<SessionOptions, InferenceSession> open, int? threads, bool remembersShapes)
    {
        using var settings = Settings(remembersShapes);
        if (threads is { } count)
            settings.IntraOpNumThreads = count;
        return open(settings);
    }

    /// <summary>Opens a session on a GPU; null where it cannot be used and <paramref name="fallback"/> is allowed.</summary>
    /// <param name="open">Opens the graph as the options say.</param>
    /// <param name="options">The options.</param>
    /// <param name="openPlain">Opens the graph as it is without options.</param>
    /// <param name="device">The GPU.</param>
    /// <param name="fallback">May the CPU be used?</param>
    /// <exception cref="InvalidOperationException">The GPU cannot be used; the message names what is missing. Or it can, but not by these options: then the CPU
    /// is not used in its place.</exception>
    public static InferenceSession? OpenCuda(
        Func<SessionOptions, InferenceSession> open,
        CudaOptions options,
        Func<SessionOptions, InferenceSession> openPlain,
        int device,
        bool fallback
    )
    {
        string reason;
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(Cuda))
            reason = "the ONNX Runtime of this program has no CUDA (reference the package Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime)";
        else
        {
            try
            {
                return Open(open);
            }
            catch (OnnxRuntimeException error)
            {
                ThrowIfOptions(error);
                reason = OnnxRuntimeLibrary.MissingCudaLibrary() ?? error.Message;
            }
        }
        return fallback
            ? null
            : throw new InvalidOperationException(
                $"GPU {device} cannot be used: {reason}. It needs an NVIDIA driver, CUDA 13 and cuDNN 9; FallbackToCpu allows the CPU in its place."
            );

        InferenceSession Open(Func<SessionOptions, InferenceSession> graph)
        {
            using var settings = Settings(remembersShapes: false);
            settings.AppendExecutionProvider_CUDA(device);
            return graph(settings);
        }

        // What ONNX Runtime has no CUDA kernel for is no reason to compute something else elsewhere.
        void ThrowIfOptions(OnnxRuntimeException error)
        {
            if (options is { Precision: CudaPrecision.Float32, FusedAttention: false })
                return;
            try
            {
                Open(openPlain).Dispose();
            }
            catch (OnnxRuntimeException)
            {
                return;
            }
            throw new InvalidOperationException(
                $"GPU {device} computes this model by the default {nameof(CudaOptions)}, but not with {nameof(options.Precision)} {options.Precision} and "
                    + $"{nameof(options.FusedAttention)} {options.FusedAttention}: {error.Message}",
                error
            );
        }
    }

    private static SessionOptions Settings(bool remembersShapes) =>
        new()
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            EnableMemoryPattern = remembersShapes,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
}
