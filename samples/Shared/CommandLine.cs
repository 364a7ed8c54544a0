using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>
/// Runs a command line program. Every failure is one line on the error stream, <c>error: ...</c>, and exit code 1. Ctrl+C cancels, with exit code 130,
/// and a second one ends the process at once.
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
        var parsed = command.Parse(args);
        var asksForHelp = parsed.Action is not ParseErrorAction && parsed.Action != command.Action;
        if (!asksForHelp && (UnknownOption(parsed) ?? OptionValues.Wrong(parsed) ?? parsed.Errors.FirstOrDefault()?.Message) is { } error)
            return Fail($"{error} --help lists the options.");
        return parsed.Invoke(new() { EnableDefaultExceptionHandler = false });

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = !cancellation.IsCancellationRequested;
            cancellation.Cancel();
        }
    }

    /// <summary>Refuses numbers below a minimum, by the option's name.</summary>
    public static Option<T> AtLeast<T>(this Option<T> option, int minimum) =>
        option.Where(value => value >= minimum, string.Create(CultureInfo.InvariantCulture, $"at least {minimum}"));

    /// <summary>Refuses numbers that are not greater than 0, by the option's name.</summary>
    public static Option<T> Positive<T>(this Option<T> option) => option.Where(value => value > 0, "greater than 0");

    /// <summary>Refuses numbers for which a condition does not hold, by the option's name.</summary>
    public static Option<T> Where<T>(this Option<T> option, Predicate<double> condition, string expected)
    {
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && !condition(value))
                    result.AddError($"{option.Name} must be {expected}, but is {token.Value}.");
        });
        return option;
    }

    // Arguments and options that take several texts would take a mistyped option for one. Texts that begin with a hyphen go after "--".
    private static string? UnknownOption(ParseResult parsed) =>
        parsed
            .Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token.Type == TokenType.Argument && token.Value is ['-', _, ..] && !token.Value.Contains(' '))
            .Where(token => !double.TryParse(token.Value, CultureInfo.InvariantCulture, out _))
            .Select(token => $"There is no option {token.Value}.")
            .FirstOrDefault();

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
        {
            return Fail(Message(error));
        }
    }

    // A parameter's name says nothing to who starts a program.
    private static string Message(Exception error) =>
        error is ArgumentException { ParamName: { } name } ? error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : error.Message;

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"error: {message.ReplaceLineEndings(" ")}");
        return 1;
    }
}
