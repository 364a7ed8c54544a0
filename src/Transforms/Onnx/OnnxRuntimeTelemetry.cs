using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace BertMl.Onnx;

/// <summary>
/// Turns off what ONNX Runtime reports to its maker: from Linux and macOS too it would write a device id and a database of events under the user's home,
/// and send them. Who wants that sets the environment variable ORT_DISABLE_TELEMETRY to 0.
/// </summary>
internal static partial class OnnxRuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Turns it off, unless the variable says 0. To be called before anything else of ONNX Runtime: it reads the variable once.</summary>
    public static void Disable()
    {
        var value = Environment.GetEnvironmentVariable(Variable) ?? "1";
        // .NET has an environment of its own on Unix; native code sees only libc's. On Windows the C runtime has one beside the process's.
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(Variable, value);
            _ = SetInCRuntime(Variable, value);
        }
        else
        {
            _ = SetInLibC(Variable, value, overwrite: 1);
        }
        if (value != "0")
            OrtEnv.Instance().DisableTelemetryEvents();
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetInLibC(string name, string value, int overwrite);

    [LibraryImport("ucrtbase", EntryPoint = "_putenv_s", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetInCRuntime(string name, string value);
}
