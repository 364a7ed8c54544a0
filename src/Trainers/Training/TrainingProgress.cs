namespace BertMl.Training;

/// <summary>Where a training stands, reported after each step and after each epoch.</summary>
public sealed record TrainingProgress
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs that the training has at most.</summary>
    public required int NumberOfEpochs { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public required int Step { get; init; }

    /// <summary>Optimizer steps that the training has at most.</summary>
    public required int NumberOfSteps { get; init; }

    /// <summary>Mean training loss of the last step.</summary>
    public required double Loss { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Norm of the last step's gradient, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Tokens learned from a second, padding not counted.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Rows learned from a second.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>Time since this run began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time that the remaining steps and evaluations will take at this speed.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>
    /// Mean loss on the validation data, where it was validated after this step (<see cref="TrainingOptions.ValidationSteps"/>) or epoch; else null.
    /// </summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Part of the validation predictions that are right, 0 to 1, where <see cref="ValidationLoss"/> is; null without classes.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>
    /// All metrics of the task on the validation data by name (<see cref="ValidationMetric"/>), where <see cref="ValidationLoss"/> is; else empty.
    /// </summary>
    public IReadOnlyDictionary<string, double> ValidationMetrics { get; init; } = EpochMetrics.None;

    /// <summary>
    /// The metric by which the best epoch is chosen: <see cref="TrainingOptions.BestEpochMetric"/>, or the one that the task is usually judged by.
    /// </summary>
    public string BestEpochMetric { get; init; } = ValidationMetric.Loss;

    /// <summary>The value of <see cref="BestEpochMetric"/> on the validation data, where there is one; else null.</summary>
    public double? BestEpochMetricValue =>
        BestEpochMetric == ValidationMetric.Loss ? ValidationLoss
        : ValidationMetrics.TryGetValue(BestEpochMetric, out var value) ? value
        : BestEpochMetric == ValidationMetric.Accuracy ? ValidationAccuracy
        : null;

    /// <summary>Metrics of the epoch, where the report is of an epoch's end; else null.</summary>
    public EpochMetrics? Metrics { get; init; }
}

/// <summary>Metrics of an epoch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Optimizer steps taken at its end.</param>
/// <param name="TrainingLoss">Mean loss while learning, over the epoch (dropout is on, and the weights change meanwhile).</param>
/// <param name="TrainingAccuracy">Part of the predictions that were right while learning, 0 to 1; null where the task has no classes.</param>
/// <param name="ValidationLoss">Mean loss on the validation data after the epoch; null without validation data.</param>
/// <param name="ValidationAccuracy">Part of the validation predictions that are right, 0 to 1; null without validation data or classes.</param>
/// <param name="IsBest">Is this the best epoch so far?</param>
public sealed record EpochMetrics(
    int Epoch,
    int Step,
    double TrainingLoss,
    double? TrainingAccuracy,
    double? ValidationLoss,
    double? ValidationAccuracy,
    bool IsBest
)
{
    internal static IReadOnlyDictionary<string, double> None { get; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>
    /// All metrics of the task on the validation data after the epoch, by name (<see cref="ValidationMetric"/>); one that is not defined is not there. Empty
    /// without validation data.
    /// </summary>
    public IReadOnlyDictionary<string, double> ValidationMetrics { get; init; } = None;

    /// <summary>Are all figures the same?</summary>
    public bool Equals(EpochMetrics? other) =>
        other is not null
        && (Epoch, Step, TrainingLoss, TrainingAccuracy) == (other.Epoch, other.Step, other.TrainingLoss, other.TrainingAccuracy)
        && (ValidationLoss, ValidationAccuracy, IsBest) == (other.ValidationLoss, other.ValidationAccuracy, other.IsBest)
        && ValidationMetrics.Count == other.ValidationMetrics.Count
        && ValidationMetrics.All(metric => other.ValidationMetrics.TryGetValue(metric.Key, out var value) && value == metric.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Epoch, Step, TrainingLoss, ValidationLoss);

    /// <summary>A metric of the validation data; null: it is not defined, or there is none.</summary>
    internal double? Metric(string name) =>
        name == ValidationMetric.Loss ? ValidationLoss
        : ValidationMetrics.TryGetValue(name, out var value) ? value
        : name == ValidationMetric.Accuracy ? ValidationAccuracy
        : null;
}
