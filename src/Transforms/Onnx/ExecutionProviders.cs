using Microsoft.ML.OnnxRuntime;

namespace BertMl.Onnx;

/// <summary>Where ONNX Runtime computes.</summary>
internal static class ExecutionProviders
{
    public const string Cpu = "CPUExecutionProvider";
    public const string Cuda = "CUDAExecutionProvider";

    /// <summary>Opens a session on the GPU that was asked for, or on the CPU, and says on which.</summary>
    public static (InferenceSession Session, string Provider) Open(Func<SessionOptions, InferenceSession> open, OnnxModelOptions options)
    {
        using var settings = Settings(options);
        if (options.GpuDeviceId is not { } device)
            return (open(settings), Cpu);
        string reason;
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(Cuda))
            reason = "this ONNX Runtime was built without CUDA (build with -p:Gpu=true)";
        else
        {
            try
            {
                using var cuda = Settings(options);
                cuda.AppendExecutionProvider_CUDA(device);
                return (open(cuda), Cuda);
            }
            catch (OnnxRuntimeException error)
            {
                reason = error.Message;
            }
        }
        return options.FallbackToCpu
            ? (open(settings), Cpu)
            : throw new InvalidOperationException($"GPU {device} cannot be used: {reason}. Install an NVIDIA driver, CUDA and cuDNN, or allow the CPU (FallbackToCpu).");
    }

    private static SessionOptions Settings(OnnxModelOptions options)
    {
        var settings = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            // Patterns are kept for each shape seen, and here nearly every batch has a shape of its own.
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        if (options.IntraOpThreads is { } threads)
            settings.IntraOpNumThreads = threads;
        return settings;
    }
}
