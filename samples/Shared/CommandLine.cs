using System.CommandLine;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>Runs a command line program: bad input is one line and exit code 1, Ctrl+C is exit code 130; anything else is a fault and shows its stack.</summary>
internal static class CommandLine
{
    private const int WidthOfLogs = 120;

    public static int Run(RootCommand command, string[] args, Func<ParseResult, CancellationToken, int> run)
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = WidthOfLogs;
        command.SetAction((options, cancellationToken) => Task.Run(() => Guard(() => run(options, cancellationToken)), CancellationToken.None));
        return command.Parse(args).Invoke(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
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
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or NotSupportedException
            or (InvalidOperationException and not ObjectDisposedException))
        {
            AnsiConsole.MarkupLineInterpolated($"[red]error:[/] {error.Message}");
            return 1;
        }
    }
}
