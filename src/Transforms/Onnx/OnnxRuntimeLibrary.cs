using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;

namespace BertMl.Onnx;

/// <summary>Loads the native library of ONNX Runtime before anything else of it is used, and says which package or library is missing.</summary>
internal static partial class OnnxRuntimeLibrary
{
    private static readonly Lazy<bool> _loaded = new(Load);

    /// <summary>Loads it, once a process, with its telemetry off.</summary>
    /// <exception cref="DllNotFoundException">It cannot be loaded; the message names the package to add.</exception>
    public static void EnsureLoaded() => _ = _loaded.Value;

    /// <summary>Why the CUDA provider does not load, where the system names a library that it lacks; else null.</summary>
    public static string? MissingCudaLibrary()
    {
        try
        {
            NativeLibrary.Load("onnxruntime_providers_cuda", typeof(OnnxRuntimeLibrary).Assembly, null);
            return null;
        }
        catch (DllNotFoundException error)
        {
            return MissingLibrary().Match(error.Message) is { Success: true } match ? $"{match.Groups["name"].Value} is missing" : null;
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }

    private static bool Load()
    {
        try
        {
            OnnxRuntimeTelemetry.Disable();
            _ = OrtEnv.Instance();
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new DllNotFoundException(
                $"ONNX Runtime, which scoring needs, could not be loaded on {RuntimeInformation.RuntimeIdentifier}. Add its package to the program: "
                    + "dotnet add package Microsoft.ML.OnnxRuntime (for CUDA: Microsoft.ML.OnnxRuntime.Gpu). "
                    + $"The system said: {(e is TypeInitializationException { InnerException: { } inner } ? inner : e).Message}",
                e
            );
        }
    }

    // As the loader of Linux says it; that of Windows names no library.
    [GeneratedRegex(@"^(?!\S*onnxruntime)(?<name>[^/\s:]+): cannot open shared object file", RegexOptions.Multiline)]
    private static partial Regex MissingLibrary();
}
