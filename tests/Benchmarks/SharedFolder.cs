using System.Diagnostics;

namespace BertMl.Benchmarks;

/// <summary>The folder of data, real weights and Python peers beside the repository; BertMl itself never needs it.</summary>
internal static class SharedFolder
{
    /// <summary>A path in the folder.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static string Find(params string[] parts)
    {
        var path = Repository.Shared(parts);
        return Path.Exists(path) ? path : throw new FileNotFoundException($"shared/{string.Join('/', parts)} is not beside the repository.");
    }

    /// <summary>Runs a Python peer, its errors to this console, and gives what it printed.</summary>
    /// <param name="script">A script of shared/peers, such as <c>hf_sst2.py</c>, or the full path of another.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static string RunPeer(string script, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Find("peers", "python"), [Path.IsPathRooted(script) ? script : Find("peers", script), .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{script} did not start.");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{script} failed with exit code {process.ExitCode}:\n{output}");
    }
}
