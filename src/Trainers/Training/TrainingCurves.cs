using System.Globalization;
using BertMl.Files;

namespace BertMl.Training;

/// <summary>
/// Keeps the curves of a training in a folder: <c>curves.csv</c> and a TensorBoard event file. Give it as <see cref="TrainingOptions.Progress"/>. A training
/// that goes on from a checkpoint goes on with its curves: what was written of steps that are now taken again is replaced.
/// </summary>
/// <param name="folder">The folder; made where it does not exist.</param>
/// <param name="withPerplexity">Write exp(validation loss) too? For language models.</param>
public sealed class TrainingCurves(string folder, bool withPerplexity = false) : IProgress<TrainingProgress>, IDisposable
{
    /// <summary>
    /// The columns of curves.csv: a row for each step, and one more for each epoch's end, in which the last five are filled. The last three are filled, too,
    /// in the row of a step after which it was validated; the very last is <see cref="TrainingProgress.BestEpochMetricValue"/>.
    /// </summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "step",
        "epoch",
        "loss",
        "learning_rate",
        "gradient_norm",
        "tokens_per_second",
        "training_loss",
        "training_accuracy",
        "validation_loss",
        "validation_accuracy",
        "validation_best_epoch_metric",
    ];

    private const int StepColumn = 0,
        EpochEndColumn = 6;
    private readonly Lock _lock = new();
    private EventFileWriter? _events;
    private StreamWriter? _csv;

    /// <summary>The CSV file.</summary>
    public string CsvPath { get; } = Path.Combine(folder, "curves.csv");

    /// <summary>Appends a step's or an epoch's values.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            if (_csv is null)
                Open(value);
            _csv!.WriteLine(string.Join(',', Row(value)));
            _csv.Flush();
            _events!.Write(value.Step, Scalars(value));
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _csv?.Dispose();
        _events?.Dispose();
    }

    private void Open(TrainingProgress first)
    {
        Directory.CreateDirectory(folder);
        var header = string.Join(',', Columns);
        var kept = File.Exists(CsvPath) ? File.ReadLines(CsvPath).Skip(1).Where(row => IsBefore(row, first)) : [];
        string[] rows = [header, .. kept];
        AtomicFile.Write(
            CsvPath,
            stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                foreach (var row in rows)
                    writer.WriteLine(row);
            }
        );
        // An epoch's end has the step of the step before it.
        _events = new EventFileWriter(folder, first.Metrics is null ? first.Step : first.Step + 1);
        _csv = new StreamWriter(CsvPath, append: true);
    }

    // A row that was not finished is before nothing.
    private static bool IsBefore(string row, TrainingProgress first)
    {
        var cells = row.Split(',');
        if (cells.Length != Columns.Count || !int.TryParse(cells[StepColumn], CultureInfo.InvariantCulture, out var step))
            return false;
        return step < first.Step || (step == first.Step && first.Metrics is not null && cells[EpochEndColumn].Length == 0);
    }

    private static IEnumerable<string> Row(TrainingProgress value)
    {
        var metrics = value.Metrics;
        double?[] validation = [value.ValidationLoss, value.ValidationAccuracy, value.BestEpochMetricValue];
        double?[] numbers = metrics is null
            ? [value.Loss, value.LearningRate, value.GradientNorm, value.TokensPerSecond, null, null, .. validation]
            : [null, null, null, value.TokensPerSecond, metrics.TrainingLoss, metrics.TrainingAccuracy, .. validation];
        return numbers
            .Select(number => number?.ToString("G9", CultureInfo.InvariantCulture) ?? "")
            .Prepend(value.Epoch.ToString(CultureInfo.InvariantCulture))
            .Prepend(value.Step.ToString(CultureInfo.InvariantCulture));
    }

    private List<(string Name, double Value)> Scalars(TrainingProgress value)
    {
        List<(string, double)> scalars = value.Metrics is { } metrics
            ? [("epoch/training_loss", metrics.TrainingLoss)]
            :
            [
                ("train/loss", value.Loss),
                ("train/learning_rate", value.LearningRate),
                ("train/gradient_norm", value.GradientNorm),
                ("train/tokens_per_second", value.TokensPerSecond),
                ("train/epoch", value.Epoch),
            ];
        if (value.Metrics?.TrainingAccuracy is { } trainingAccuracy)
            scalars.Add(("epoch/training_accuracy", trainingAccuracy));
        if (value.ValidationLoss is { } loss)
            scalars.Add(("validation/loss", loss));
        if (value.ValidationLoss is { } logarithm && withPerplexity)
            scalars.Add(("validation/perplexity", Math.Exp(logarithm)));
        if (value.ValidationAccuracy is { } accuracy)
            scalars.Add(("validation/accuracy", accuracy));
        foreach (var (name, metric) in value.ValidationMetrics.Where(metric => metric.Key != ValidationMetric.Accuracy))
            scalars.Add(($"validation/{name}", metric));
        return scalars;
    }
}
