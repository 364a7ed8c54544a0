using System.Globalization;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.Tokenization;

namespace BertMl.Training;

/// <summary>
/// The one training loop: epochs of length-grouped batches, accumulation, schedule, validation, best epoch, early stopping, checkpoints, progress.
/// All that is random follows from the seed and the position, so a training that goes on from a checkpoint ends with the very weights of one that never
/// stopped.
/// </summary>
internal sealed partial class TrainingLoop
{
    private readonly ILearner _learner;
    private readonly ITrainingSet _training;
    private readonly ITrainingSet? _validation;
    private readonly TrainingOptions _options;
    private readonly TrainingEnvironment _environment;
    private readonly int _stepsPerEpoch,
        _totalSteps;
    private readonly TokenBatch[] _batches;
    private readonly TrainingLabels[] _labels;
    private readonly TrainingClock _clock = new();
    private TrainingPosition _state = new();
    private CheckpointFolder? _folder;
    private ITensors? _best;
    private (double Loss, double LearningRate, double GradientNorm) _lastStep;

    public TrainingLoop(ILearner learner, ITrainingSet training, ITrainingSet? validation, TrainingOptions options, TrainingEnvironment environment)
    {
        if (options.EarlyStoppingPatience is not null && validation is null)
            throw new ArgumentException(
                $"{nameof(TrainingOptions.EarlyStoppingPatience)} needs validation data: give a validation set or a "
                    + $"{nameof(TrainingOptions.ValidationFraction)}.",
                nameof(options)
            );
        (_learner, _training, _validation, _options, _environment) = (learner, training, validation, options, environment);
        var microBatches = (training.Count + options.BatchSize - 1) / options.BatchSize;
        _stepsPerEpoch = (microBatches + options.GradientAccumulationSteps - 1) / options.GradientAccumulationSteps;
        _totalSteps = (int)Math.Min(options.MaximumNumberOfSteps ?? int.MaxValue, (long)_stepsPerEpoch * options.NumberOfEpochs);
        if (!LearningRates.AnyIsAboveZero(options, _totalSteps))
            throw new ArgumentException(
                $"The learning rate is 0 at each of the {_totalSteps} steps, so nothing would be learned: train for more steps, or set "
                    + $"{nameof(TrainingOptions.WarmupFromZero)} to false.",
                nameof(options)
            );
        var accumulated = Math.Min(options.GradientAccumulationSteps, microBatches);
        _batches = [.. Enumerable.Range(0, accumulated).Select(_ => new TokenBatch())];
        _labels = new TrainingLabels[accumulated];
    }

    /// <summary>Trains.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled, and is to throw then.</exception>
    /// <exception cref="InvalidOperationException">Loss, gradient or weights are not numbers any more; or the checkpoint folder is of another
    /// training.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written or read.</exception>
    public TrainingResult Run()
    {
        using (_folder = _options.CheckpointFolder is { } path ? new(path, _options.CheckpointsToKeep) : null)
        {
            LogHeader();
            Restore();
            while (!_state.Finished)
            {
                if (!RunEpoch() || !EndEpoch())
                    return Cancelled();
            }
            var keep = KeepsBest ? _state.BestEpoch : _state.Epoch;
            return new(_best ?? _learner.Snapshot(), _state.History, keep);
        }
    }

    private bool KeepsBest => _validation is not null && _options.KeptEpoch != KeptEpoch.Last;

    private bool IsCancellationRequested => _options.CancellationToken.IsCancellationRequested || _environment.IsCancellationRequested();

    /// <returns>false: cancelled.</returns>
    private bool RunEpoch()
    {
        var batches = LengthGroupedBatches.ForTraining(_training, _options.BatchSize, _options.GroupByLength, _environment.Seed, _state.Epoch);
        while (_state.StepInEpoch < _stepsPerEpoch && _state.Step < _totalSteps)
        {
            if (IsCancellationRequested)
                return false;
            Step(batches, _state.StepInEpoch * _options.GradientAccumulationSteps);
            if (!ReportStep())
                return false;
            if (_folder is not null && _state.Step % _options.CheckpointSteps == 0)
            {
                RequireFiniteWeights();
                _folder.Save(_state, _learner);
            }
        }
        return true;
    }

    /// <param name="batches">Those of the epoch.</param>
    /// <param name="first">The first of the step.</param>
    private void Step(RowBatches batches, int first)
    {
        var microBatches = Math.Min(_options.GradientAccumulationSteps, batches.Count - first);
        var (weights, tokens, rows) = (Array.Empty<double>(), 0L, 0);
        for (var i = 0; i < microBatches; i++)
        {
            var batch = batches[first + i];
            _labels[i] = _training.Fill(batch, _state.Epoch, _batches[i]);
            if (i == 0)
                weights = [.. _labels[i].Weights];
            else
                for (var term = 0; term < weights.Length; term++)
                    weights[term] += _labels[i].Weights[term];
            rows += batch.Length;
            foreach (var row in batch)
                tokens += _training.Length(row);
        }
        var scales = Array.ConvertAll(weights, weight => weight > 0 ? 1 / weight : 0);
        var sum = default(LossSum);
        for (var i = 0; i < microBatches; i++)
        {
            sum += _learner.Accumulate(_batches[i], _labels[i], scales, CounterRandom.Key(_environment.Seed, (ulong)_state.Step, (ulong)i + 1));
            if (!double.IsFinite(sum.Mean()))
                throw Diverged(_state.Step + 1, "the loss", sum.Mean());
        }
        var rate = LearningRates.At(_options, _state.Step, _totalSteps);
        var norm = _learner.Step(rate, _options.MaximumGradientNorm);
        if (!double.IsFinite(norm))
            throw Diverged(_state.Step + 1, "the gradient", norm);
        _state.Step++;
        _state.StepInEpoch++;
        _state.EpochSum += sum;
        _clock.Add(rows, tokens);
        _lastStep = (sum.Mean(), rate, norm);
    }

    // Validation between epochs is to be looked at only: which epoch is kept and when to stop is decided at the ends of epochs.
    /// <returns>false: cancelled during validation.</returns>
    private bool ReportStep()
    {
        var isEpochEnd = _state.StepInEpoch == _stepsPerEpoch || _state.Step == _totalSteps;
        if (_validation is null || isEpochEnd || _options.ValidationSteps is not { } every || _state.Step % every != 0)
        {
            Report(null);
            return true;
        }
        var validation = Validate();
        Report(null, validation);
        if (validation is not { Sum: var sum })
            return false;
        _environment.Log(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Step {_state.Step} of {_totalSteps}: loss {_lastStep.Loss:F4}; validation loss {ValidationLoss(sum):F4}"
            ) + (sum.Accuracy() is { } accuracy ? string.Create(CultureInfo.InvariantCulture, $", accuracy {accuracy:F4}") : "")
        );
        return true;
    }

    /// <returns>false: cancelled during validation.</returns>
    private bool EndEpoch()
    {
        RequireFiniteWeights();
        if (_validation is null)
            RequireFiniteLoss();
        if (Validate() is not { } validated)
            return false;
        var validation = validated.Sum;
        var metrics = new EpochMetrics(
            _state.Epoch + 1,
            _state.Step,
            _state.EpochSum.Mean(),
            _state.EpochSum.Accuracy(),
            ValidationLoss(validation),
            validation.Accuracy(),
            IsBest: false
        )
        {
            ValidationMetrics = validated.Metrics,
        };
        metrics = metrics with { IsBest = IsBest(metrics) };
        _state.History.Add(metrics);
        if (metrics.IsBest)
            _state.BestEpoch = metrics.Epoch;
        if (metrics.IsBest && KeepsBest)
        {
            _best?.Dispose();
            _best = _learner.Snapshot();
            _folder?.SaveBest(metrics.Epoch, _best);
        }
        (_state.Epoch, _state.StepInEpoch, _state.EpochSum) = (metrics.Epoch, 0, default);
        var stopEarly = StopsEarly(metrics);
        _state.Finished = stopEarly || _state.Step >= _totalSteps;
        // First the report: one that a kill has cut off is made again, for its checkpoint is not there.
        LogEpoch(metrics, stopEarly);
        Report(metrics, validated);
        _folder?.Save(_state, _learner);
        return true;
    }

    /// <returns>null: cancelled.</returns>
    private Validated? Validate()
    {
        var sum = default(LossSum);
        if (_validation is null)
            return new(sum, EpochMetrics.None);
        using var _ = _clock.Evaluating();
        var (batches, progress) = (LengthGroupedBatches.ForEvaluation(_validation, _options.BatchSize), new PhaseProgress(_environment.Log));
        var validation = _validation.Validate();
        for (var i = 0; i < batches.Count; i++)
        {
            if (IsCancellationRequested)
                return null;
            var batch = i;
            var labels = _validation.Fill(batches[i], 0, _batches[0]);
            sum += _learner.Evaluate(_batches[0], labels, validation is null ? null : outputs => validation.Add(batches[batch], outputs));
            progress.Report(() => $"Validation: {i + 1} of {batches.Count} batches.");
        }
        // What is not defined cannot be compared, nor be written as JSON.
        var metrics = validation?.Compute().Where(metric => double.IsFinite(metric.Value)).ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
        return new(sum, metrics ?? EpochMetrics.None);
    }

    private double? ValidationLoss(LossSum sum)
    {
        if (sum.IsEmpty())
            return null;
        var loss = sum.Mean();
        return double.IsFinite(loss) ? loss : throw Diverged(_state.Step, "the validation loss", loss);
    }

    private bool IsBest(EpochMetrics metrics)
    {
        if (_validation is null || _state.BestEpoch == 0)
            return true;
        var best = _state.History[_state.BestEpoch - 1];
        var (now, before) = (Merit(metrics) ?? double.NegativeInfinity, Merit(best) ?? double.NegativeInfinity);
        return now != before ? now > before : metrics.ValidationLoss < best.ValidationLoss;
    }

    private bool StopsEarly(EpochMetrics metrics)
    {
        if (_options.EarlyStoppingPatience is not { } patience)
            return false;
        if (Merit(metrics) is { } value && (_state.Reference is not { } reference || value - reference > _options.EarlyStoppingMinimumDelta))
            (_state.Reference, _state.EpochsWithoutImprovement) = (value, 0);
        else
            _state.EpochsWithoutImprovement++;
        return _state.EpochsWithoutImprovement >= patience;
    }

    // Greater is better. Where the task's usual metric is not to be had, its loss is.
    private double? Merit(EpochMetrics metrics)
    {
        var name = _options.BestEpochMetric ?? _options.Metrics[0];
        if (_options.BestEpochMetric is null && name == ValidationMetric.Accuracy && metrics.Metric(name) is null)
            name = ValidationMetric.Loss;
        return ValidationMetric.LowerIsBetter(name) ? -metrics.Metric(name) : metrics.Metric(name);
    }

    private TrainingResult Cancelled()
    {
        RequireFiniteWeights();
        _folder?.Save(_state, _learner);
        var at = $"Training was cancelled at step {_state.Step} of {_totalSteps} (epoch {_state.Epoch + 1})";
        if (_options.CancellationBehavior == CancellationBehavior.Throw)
        {
            _best?.Dispose();
            throw new OperationCanceledException(
                _folder is null ? $"{at}." : $"{at}; the checkpoint folder has it, to go on from.",
                _options.CancellationToken
            );
        }
        _environment.Log(_best is null ? $"{at}; the weights of that moment are kept." : $"{at}; epoch {_state.BestEpoch}, the best so far, is kept.");
        return new(_best ?? _learner.Snapshot(), _state.History, _best is null ? null : _state.BestEpoch);
    }

    private void Restore()
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (_folder is not null)
        {
            foreach (
                var (name, value) in _options
                    .Decisive()
                    .Concat(_environment.Decisive())
                    .Append(("Seed", _environment.Seed))
                    .Append(("device and precision in use", $"{_learner.Device}, {_learner.Precision}"))
                    .Append(("training data", $"{_training.Count} rows, {_training.Fingerprint()}"))
                    .Append(("validation data", _validation is null ? null : $"{_validation.Count} rows, {_validation.Fingerprint()}"))
            )
                settings.Add(name, Text(value));
        }
        if (_folder?.Load(settings, Defaults(), _learner) is not { } state)
        {
            _state = new() { Settings = settings };
            return;
        }
        _state = state;
        if (KeepsBest && state.BestEpoch > 0)
            _best = _folder.LoadBest(state.BestEpoch);
        _environment.Log($"Training goes on from step {state.Step} of {_totalSteps}: checkpoint '{_folder.Newest}'.");
    }

    // Of the trainer's options and of what the environment adds.
    private Dictionary<string, string> Defaults()
    {
        var options = (TrainingOptions)Activator.CreateInstance(_options.GetType())!;
        return options.Decisive().Concat(_environment.Defaults()).ToDictionary(setting => setting.Name, setting => Text(setting.Value), StringComparer.Ordinal);
    }

    private static string Text(object? value) => value is null ? "none" : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    // The last update of a training may ruin the weights, and no loss is computed after it.
    private void RequireFiniteWeights()
    {
        if (_learner.FindNonFinite() is { } name)
            throw Diverged(_state.Step, $"a value of '{name}'", double.NaN);
    }

    // Weights may be finite, and too large to compute with. Validation finds that out; without it some rows do.
    private void RequireFiniteLoss()
    {
        var labels = _training.Fill([.. Enumerable.Range(0, Math.Min(_options.BatchSize, _training.Count))], 0, _batches[0]);
        var loss = _learner.Evaluate(_batches[0], labels).Mean();
        if (!double.IsFinite(loss))
            throw Diverged(_state.Step, "the loss after it", loss);
    }

    private sealed record Validated(LossSum Sum, IReadOnlyDictionary<string, double> Metrics);

    private InvalidOperationException Diverged(int step, string what, double value) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"Training failed at step {step} of {_totalSteps} (epoch {_state.Epoch + 1}): {what} is {value}. ")
                + (_folder?.Newest is { } last ? $"The last good checkpoint is '{last}' in '{_options.CheckpointFolder}'. " : "")
                + string.Create(CultureInfo.InvariantCulture, $"Try a learning rate lower than {_options.LearningRate}, or a longer warm-up.")
        );
}
