using System.Globalization;

namespace BertMl.Training;

// What the training tells: progress, and lines for people. Nothing here changes the training.
internal sealed partial class TrainingLoop
{
    private void Report(EpochMetrics? metrics, Validated? validation = null)
    {
        if (_options.Progress is not { } progress)
            return;
        var epochs = Math.Min(_options.NumberOfEpochs, (_totalSteps + _stepsPerEpoch - 1) / _stepsPerEpoch);
        var (steps, validations) = (
            _totalSteps - _state.Step,
            epochs - _state.Epoch + (_options.ValidationSteps is { } every ? (_totalSteps - _state.Step) / every : 0)
        );
        progress.Report(
            new()
            {
                Epoch = metrics?.Epoch ?? _state.Epoch + 1,
                NumberOfEpochs = epochs,
                Step = _state.Step,
                NumberOfSteps = _totalSteps,
                Loss = _lastStep.Loss,
                LearningRate = _lastStep.LearningRate,
                GradientNorm = _lastStep.GradientNorm,
                TokensPerSecond = _clock.TokensPerSecond,
                RowsPerSecond = _clock.RowsPerSecond,
                Elapsed = _clock.Elapsed,
                Remaining = _state.Finished ? TimeSpan.Zero : _clock.Remaining(steps, _validation is null ? 0 : validations),
                ValidationLoss = validation is null ? null : ValidationLoss(validation.Sum),
                ValidationAccuracy = validation?.Sum.Accuracy(),
                ValidationMetrics = validation?.Metrics ?? EpochMetrics.None,
                BestEpochMetric = _options.BestEpochMetric ?? _options.Metrics[0],
                Metrics = metrics,
            }
        );
    }

    private void LogHeader() =>
        _environment.Log(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Training on {_training.Count} rows, {(_validation is null ? "no validation data" : $"validation on {_validation.Count}")}: "
                    + $"{_totalSteps} steps in up to {_options.NumberOfEpochs} epochs, "
                    + $"batches of {_options.BatchSize} x {_options.GradientAccumulationSteps}, learning rate {_options.LearningRate} "
                    + $"{_options.LearningRateSchedule}, "
                    + $"warm-up {LearningRates.WarmupSteps(_options, _totalSteps)} steps, {_learner.Device}, {_learner.Precision}, seed {_environment.Seed}."
            )
        );

    private void LogEpoch(EpochMetrics metrics, bool stopEarly)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"Epoch {metrics.Epoch}: training loss {metrics.TrainingLoss:F4}");
        if (metrics.TrainingAccuracy is { } accuracy)
            line += string.Create(CultureInfo.InvariantCulture, $", accuracy {accuracy:F4}");
        if (metrics.ValidationLoss is { } loss)
            line += string.Create(CultureInfo.InvariantCulture, $"; validation loss {loss:F4}");
        if (metrics.ValidationAccuracy is { } validationAccuracy)
            line += string.Create(CultureInfo.InvariantCulture, $", accuracy {validationAccuracy:F4}");
        var name = _options.BestEpochMetric ?? _options.Metrics[0];
        if (metrics.ValidationMetrics.Count > 0 && name is not (ValidationMetric.Loss or ValidationMetric.Accuracy))
            line += string.Create(CultureInfo.InvariantCulture, $", {name} {metrics.Metric(name):F4}");
        if (_validation is not null && metrics.IsBest)
            line += " (best so far)";
        line += string.Create(CultureInfo.InvariantCulture, $"; {_clock.RowsPerSecond:F0} rows/s, {_clock.TokensPerSecond:F0} tokens/s");
        _environment.Log(stopEarly ? $"{line}; no improvement for {_state.EpochsWithoutImprovement} epochs: stopped early." : line);
    }
}
