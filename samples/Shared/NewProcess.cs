using System.Diagnostics;

namespace BertMl.Samples;

/// <summary>This program, started once more.</summary>
internal static class NewProcess
{
    /// <summary>Starts it on this console with other arguments and waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public static int Run(params IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        // Started as "dotnet QuickStart.dll", the program is dotnet.
        if (Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            arguments = arguments.Prepend(Environment.GetCommandLineArgs()[0]);
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })
            ?? throw new InvalidOperationException($"{program} did not start.");
        process.WaitForExit();
        return process.ExitCode;
    }
}
