using System.Diagnostics;
using System.Globalization;
using BertMl.Training;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>Shows a training: a line an epoch and, on a terminal, a bar that moves. Keeps the epochs' metrics.</summary>
internal sealed class TrainingDisplay : IProgress<TrainingProgress>
{
    private readonly IAnsiConsole _console;
    private readonly ProgressTask? _bar;
    private readonly List<EpochMetrics> _epochs = [];

    private TrainingDisplay(IAnsiConsole console, ProgressTask? bar) => (_console, _bar) = (console, bar);

    /// <summary>Runs a training that reports to the display.</summary>
    /// <param name="console">Where to show it.</param>
    /// <param name="train">The training.</param>
    /// <returns>What the training returned, the time it took, and the metrics of its epochs.</returns>
    public static (T Result, TimeSpan Time, IReadOnlyList<EpochMetrics> Epochs) Show<T>(IAnsiConsole console, Func<IProgress<TrainingProgress>, T> train)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
            return Run(null);
        return console
            .Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => Run(context.AddTask("reading and tokenizing")));

        (T, TimeSpan, IReadOnlyList<EpochMetrics>) Run(ProgressTask? bar)
        {
            var display = new TrainingDisplay(console, bar);
            var start = Stopwatch.GetTimestamp();
            var result = train(display);
            return (result, Stopwatch.GetElapsedTime(start), display._epochs);
        }
    }

    public void Report(TrainingProgress value)
    {
        if (_bar is not null)
        {
            _bar.MaxValue = value.NumberOfSteps;
            _bar.Value = value.Step;
            _bar.Description =
                $"[dim]epoch {value.Epoch}/{value.NumberOfEpochs}, loss {value.Loss:F3}, {value.TokensPerSecond:N0} tokens/s, {Time(value.Remaining)} left[/]";
        }
        if (value.Metrics is not { } epoch)
        {
            if (value.ValidationLoss is not null)
                _console.MarkupLine(
                    $"  step {value.Step}/{value.NumberOfSteps}: loss {value.Loss:F4}; validation loss {value.ValidationLoss:F4}{Metric(value)} "
                        + $"[dim]{Time(value.Elapsed)}[/]"
                );
            return;
        }
        _epochs.Add(epoch);
        var validation = epoch.ValidationLoss is null
            ? ""
            : $"; validation loss {epoch.ValidationLoss:F4}{Metric(value)}{(epoch.IsBest ? " (best so far)" : "")}";
        _console.MarkupLine(
            $"  epoch {epoch.Epoch}/{value.NumberOfEpochs}: training loss {epoch.TrainingLoss:F4}{Accuracy(epoch.TrainingAccuracy)}{validation} "
                + $"[dim]{Time(value.Elapsed)}[/]"
        );
    }

    // The metric that chooses the best epoch; beside a loss, the accuracy.
    private static string Metric(TrainingProgress value) =>
        value is { BestEpochMetric: not (ValidationMetric.Accuracy or ValidationMetric.Loss), BestEpochMetricValue: { } metric }
            ? $", {value.BestEpochMetric} {metric:F4}"
            : Accuracy(value.ValidationAccuracy);

    // Where a task has no classes there is none.
    private static string Accuracy(double? accuracy) => accuracy is null ? "" : $", accuracy {accuracy:P2}";

    private static string Time(TimeSpan time) =>
        time.ToString(
            time.TotalDays < 1
                ? time.TotalHours < 1
                    ? @"m\:ss"
                    : @"h\:mm\:ss"
                : @"d\.hh\:mm\:ss",
            CultureInfo.InvariantCulture
        );
}
