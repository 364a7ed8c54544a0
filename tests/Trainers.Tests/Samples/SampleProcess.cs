using System.Diagnostics;

namespace BertMl.Samples;

/// <summary>A sample as a program of its own, built beside the tests.</summary>
internal static class SampleProcess
{
    /// <summary>Runs it to its end; the test fails where the exit code is another.</summary>
    /// <returns>What it printed, and then its errors.</returns>
    public static async Task<string> RunAsync(string sample, string[] arguments, int exitCode = 0)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Debug"
            : "Release";
        var program = Path.Combine(Repository.Root, "samples", sample, "bin", configuration, "net10.0", sample + ".dll");
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [program, .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.AreEqual(exitCode, process.ExitCode, await output + await error);
        return await output + await error;
    }
}
