using System.CommandLine;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>
/// Runs a command line program: bad input is one line and exit code 1; Ctrl+C cancels, with exit code 130, and a second one ends the process at once;
/// anything else is a fault and shows its stack.
/// </summary>
internal static class CommandLine
{
    private const int WidthOfLogs = 120;

    public static int Run(RootCommand command, string[] args, Func<ParseResult, CancellationToken, int> run)
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = WidthOfLogs;
        // System.CommandLine's own handler fails where a second signal comes while the first is being answered.
        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        command.SetAction(options => Guard(() => run(options, cancellation.Token)));
        return command.Parse(args).Invoke(new() { EnableDefaultExceptionHandler = false });

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = !cancellation.IsCancellationRequested;
            cancellation.Cancel();
        }
    }

    private static int Guard(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.MarkupLine("[yellow]Cancelled.[/]");
            return 130;
        }
        catch (Exception error)
            when (error
                    is IOException
                        or InvalidDataException
                        or UnauthorizedAccessException
                        or ArgumentException
                        or NotSupportedException
                        or (InvalidOperationException and not ObjectDisposedException)
            )
        {
            AnsiConsole.MarkupLineInterpolated($"[red]error:[/] {error.Message}");
            return 1;
        }
    }
}
