using System.CommandLine;
using BertMl.Samples;

namespace BertMl;

[TestClass]
[DoNotParallelize]
public sealed class CommandLineTests
{
    private readonly Option<int?> _rows = new Option<int?>("--rows").AtLeast(1);
    private readonly Option<double> _rate = new Option<double>("--rate").Positive();
    private readonly Option<DayOfWeek> _day = new("--day");
    private readonly Option<string[]> _names = new("--names") { AllowMultipleArgumentsPerToken = true };
    private readonly Argument<string[]> _texts = new("texts") { Arity = ArgumentArity.ZeroOrMore };

    [TestMethod]
    [DataRow("--bogus x", "There is no option --bogus.")]
    [DataRow("text -b", "There is no option -b.")]
    [DataRow("--names a --bogus", "There is no option --bogus.")]
    [DataRow("--rows 0", "--rows must be at least 1, but is 0.")]
    [DataRow("--rows -3", "--rows must be at least 1, but is -3.")]
    [DataRow("--rows", "Required argument missing for option: '--rows'.")]
    [DataRow("--rate NaN", "--rate must be greater than 0, but is NaN.")]
    [DataRow("--rate fast", "--rate must be a number, as 0.5 or 2e-5, but is fast.")]
    [DataRow("--rate 0,001", "--rate must be a number, as 0.5 or 2e-5, but is 0,001.")]
    [DataRow("--rows 1,5", "--rows must be a whole number, but is 1,5.")]
    [DataRow("--day 7", "--day must be one of Sunday, Monday, ")]
    [DataRow("--names ", "--names is empty.")]
    public void Bad_options_are_one_error_line_and_nothing_runs(string arguments, string expected)
    {
        var (exitCode, error) = Run(arguments.Split(' '), (_, _) => Assert.Fail("It ran."));
        Assert.AreEqual(1, exitCode);
        Assert.StartsWith("error: ", error);
        Assert.Contains(expected, error);
        Assert.AreEqual(1, error.Count(c => c == '\n'));
    }

    [TestMethod]
    public void Texts_with_hyphens_follow_two_of_them()
    {
        string[]? texts = null;
        var (exitCode, error) = Run(["--rows", "1", "- item", "--", "--bogus"], (options, _) => texts = options.GetValue(_texts));
        Assert.AreEqual(0, exitCode, error);
        Assert.AreSequenceEqual(["- item", "--bogus"], texts!);
    }

    [TestMethod]
    public void Every_failure_is_one_error_line()
    {
        foreach (var failure in new Exception[] { new FormatException("No\nzip."), new InvalidDataException("No\nzip."), new("No\nzip.") })
            Assert.AreEqual((1, "error: No zip.\n"), Run([], (_, _) => throw failure));
        var error = new ArgumentException("Two tokens.", "options");
        Assert.AreEqual((1, "error: Two tokens.\n"), Run([], (_, _) => throw error));
        Assert.AreEqual((1, "error: One of the texts is empty. --help lists the options.\n"), Run(["a", " "], (_, _) => Assert.Fail("It ran.")));
        Assert.AreEqual((130, ""), Run([], (_, _) => throw new OperationCanceledException()));
    }

    private (int ExitCode, string Error) Run(string[] arguments, Action<ParseResult, CancellationToken> run)
    {
        var (before, error) = (Console.Error, new StringWriter { NewLine = "\n" });
        Console.SetError(error);
        try
        {
            var exitCode = CommandLine.Run(
                new() { _rows, _rate, _day, _names, _texts },
                arguments,
                (options, cancellationToken) =>
                {
                    run(options, cancellationToken);
                    return 0;
                }
            );
            return (exitCode, error.ToString());
        }
        finally
        {
            Console.SetError(before);
        }
    }
}
