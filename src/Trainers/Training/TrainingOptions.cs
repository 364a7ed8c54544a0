namespace BertMl.Training;

/// <summary>How to train: what all trainers of this library have in common. Defaults are those of BERT's own fine-tuning unless said otherwise.</summary>
public abstract class TrainingOptions
{
    private protected TrainingOptions() { }

    /// <summary>Passes over the training data at most. Default 3.</summary>
    public int NumberOfEpochs { get; set; } = 3;

    /// <summary>Optimizer steps at most; the learning rate's schedule ends there too. null (the default): as many as the epochs have.</summary>
    public int? MaximumNumberOfSteps { get; set; }

    /// <summary>Rows of a batch. Default 32.</summary>
    public int BatchSize { get; set; } = 32;

    /// <summary>Batches whose gradients add up to one optimizer step, as one batch so many times as large would give. Default 1.</summary>
    public int GradientAccumulationSteps { get; set; } = 1;

    /// <summary>Put rows of like length into one batch, so that little is wasted on padding? Default true.</summary>
    public bool GroupByLength { get; set; } = true;

    /// <summary>Highest learning rate of AdamW (Loshchilov and Hutter 2017). Default 5e-5; small models take more, up to 5e-4.</summary>
    public double LearningRate { get; set; } = 5e-5;

    /// <summary>How the learning rate goes on after warm-up. Default linear, to 0.</summary>
    public LearningRateSchedule LearningRateSchedule { get; set; } = LearningRateSchedule.Linear;

    /// <summary>Part of all steps in which the learning rate rises, 0 to 1. Default 0.1.</summary>
    public double WarmupRatio { get; set; } = 0.1;

    /// <summary>Steps in which the learning rate rises; null (the default): by <see cref="WarmupRatio"/>.</summary>
    public int? WarmupSteps { get; set; }

    /// <summary>
    /// Is the learning rate of warm-up's first step 0, as in Hugging Face's schedules? There step i of n, from 0, has the part i / n of the learning rate, and
    /// the first step learns nothing. Default false: (i + 1) / n, so that the last step of warm-up has the whole of it.
    /// </summary>
    public bool WarmupFromZero { get; set; }

    /// <summary>Times that <see cref="LearningRateSchedule.CosineWithRestarts"/> falls to 0. Default 1.</summary>
    public int NumberOfRestartCycles { get; set; } = 1;

    /// <summary>Power of <see cref="LearningRateSchedule.Polynomial"/>. Default 1.</summary>
    public double PolynomialPower { get; set; } = 1;

    /// <summary>Where <see cref="LearningRateSchedule.Polynomial"/> ends. Default 1e-7.</summary>
    public double FinalLearningRate { get; set; } = 1e-7;

    /// <summary>Weight decay of AdamW, on all parameters but biases and layer normalization. Default 0.01.</summary>
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>Decay of AdamW's mean of gradients. Default 0.9.</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>Decay of AdamW's mean of squared gradients. Default 0.999.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>AdamW's guard against division by zero. Default 1e-8.</summary>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>Gradients are scaled down to this norm (over all parameters) where they exceed it. Default 1; infinity: never.</summary>
    public double MaximumGradientNorm { get; set; } = 1;

    /// <summary>Learn the head (and pooler) only, with the encoder as it is? Default false.</summary>
    public bool FreezeEncoder { get; set; }

    /// <summary>Keep the embeddings and this many of the lowest layers as they are; 0: the embeddings only; null (the default): nothing.</summary>
    public int? FrozenLayers { get; set; }

    /// <summary>Factor on the learning rate from each layer to the one below it (Howard and Ruder 2018): 0.9 is usual. Default 1: the same for all.</summary>
    public double LayerwiseLearningRateDecay { get; set; } = 1;

    /// <summary>Arithmetic. Default: bfloat16 mixed where the processor or GPU has instructions for it, else float32.</summary>
    public TrainingPrecision Precision { get; set; } = TrainingPrecision.Auto;

    /// <summary>Decides initial weights of new heads, order of rows and dropout: the same seed gives the same weights on the same machine.
    /// null (the default): the seed of the <see cref="Microsoft.ML.MLContext"/>, or 42 where it has none.</summary>
    public int? Seed { get; set; }

    /// <summary>Part of the training rows, chosen at random, to validate on instead of learning from, 0 to 1 (exclusive). Default 0: none.</summary>
    public double ValidationFraction { get; set; }

    /// <summary>
    /// Validate after every so many steps too, to see the curve of a long epoch; null (the default): only after each epoch. The epoch to keep and the
    /// end of the training are chosen by the validations after epochs alone.
    /// </summary>
    public int? ValidationSteps { get; set; }

    /// <summary>Which epoch's weights to keep. Default: those of the best epoch; without validation data always the last.</summary>
    public KeptEpoch KeptEpoch { get; set; } = KeptEpoch.Best;

    /// <summary>
    /// The metric of the validation data by which an epoch is the best, one of those that the task has (<see cref="ValidationMetric"/>); among equals the lower
    /// validation loss decides. Early stopping goes by it too. null (the default): the one that the task is usually judged by.
    /// </summary>
    public string? BestEpochMetric { get; set; }

    /// <summary>Stop after this many epochs without improvement of <see cref="BestEpochMetric"/>; null (the default): never.</summary>
    public int? EarlyStoppingPatience { get; set; }

    /// <summary>What counts as an improvement for early stopping: a change greater than this. Default 0.</summary>
    public double EarlyStoppingMinimumDelta { get; set; }

    /// <summary>
    /// Folder to write checkpoints to; null (the default): none. Where it holds a checkpoint of this very training (same options, data and model), training
    /// goes on from there and ends with the same weights as if it had never stopped; where it holds another's, that is an error.
    /// </summary>
    public string? CheckpointFolder { get; set; }

    /// <summary>Write a checkpoint after every so many steps, beside the one after each epoch; null (the default): only those.</summary>
    public int? CheckpointSteps { get; set; }

    /// <summary>Checkpoints to keep, the newest ones. Default 1.</summary>
    public int CheckpointsToKeep { get; set; } = 1;

    /// <summary>Receives a report after each step and each epoch, on the training's thread or as the implementation decides.</summary>
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Cancels the training after the step under way.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>What a cancelled training does. Default: throws <see cref="OperationCanceledException"/>.</summary>
    public CancellationBehavior CancellationBehavior { get; set; } = CancellationBehavior.Throw;

    /// <summary>The metrics that the task has, the usual one first.</summary>
    internal virtual IReadOnlyList<string> Metrics => [ValidationMetric.Accuracy, ValidationMetric.Loss];

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; it is named, with the range.</exception>
    internal virtual void Check()
    {
        Require(NumberOfEpochs >= 1, nameof(NumberOfEpochs), NumberOfEpochs, "at least 1");
        Require(MaximumNumberOfSteps is null or >= 1, nameof(MaximumNumberOfSteps), MaximumNumberOfSteps, "null or at least 1");
        Require(BatchSize is >= 1 and <= 1 << 20, nameof(BatchSize), BatchSize, "from 1 to 1,048,576");
        Require(GradientAccumulationSteps is >= 1 and <= 1 << 20, nameof(GradientAccumulationSteps), GradientAccumulationSteps, "from 1 to 1,048,576");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "greater than 0 and finite");
        Require(Enum.IsDefined(LearningRateSchedule), nameof(LearningRateSchedule), LearningRateSchedule, "a known schedule");
        Require(WarmupRatio is >= 0 and <= 1, nameof(WarmupRatio), WarmupRatio, "from 0 to 1");
        Require(WarmupSteps is null or >= 0, nameof(WarmupSteps), WarmupSteps, "null or at least 0");
        Require(NumberOfRestartCycles >= 1, nameof(NumberOfRestartCycles), NumberOfRestartCycles, "at least 1");
        Require(PolynomialPower > 0 && double.IsFinite(PolynomialPower), nameof(PolynomialPower), PolynomialPower, "greater than 0 and finite");
        Require(
            FinalLearningRate >= 0 && (FinalLearningRate < LearningRate || LearningRateSchedule != LearningRateSchedule.Polynomial),
            nameof(FinalLearningRate),
            FinalLearningRate,
            "at least 0 and less than LearningRate"
        );
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "at least 0 and finite");
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "at least 0 and less than 1");
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "at least 0 and less than 1");
        Require(Epsilon > 0 && double.IsFinite(Epsilon), nameof(Epsilon), Epsilon, "greater than 0 and finite");
        Require(MaximumGradientNorm > 0, nameof(MaximumGradientNorm), MaximumGradientNorm, "greater than 0 (infinity: no clipping)");
        Require(FrozenLayers is null or >= 0, nameof(FrozenLayers), FrozenLayers, "null or at least 0");
        Require(LayerwiseLearningRateDecay is > 0 and <= 1, nameof(LayerwiseLearningRateDecay), LayerwiseLearningRateDecay, "greater than 0 and at most 1");
        Require(Enum.IsDefined(Precision), nameof(Precision), Precision, "a known precision");
        Require(ValidationFraction is >= 0 and < 1, nameof(ValidationFraction), ValidationFraction, "at least 0 and less than 1");
        Require(ValidationSteps is null or >= 1, nameof(ValidationSteps), ValidationSteps, "null or at least 1");
        Require(Enum.IsDefined(KeptEpoch), nameof(KeptEpoch), KeptEpoch, "a known choice");
        Require(
            BestEpochMetric is null || Metrics.Contains(BestEpochMetric, StringComparer.Ordinal),
            nameof(BestEpochMetric),
            BestEpochMetric,
            $"null or one of {string.Join(", ", Metrics)}"
        );
        Require(EarlyStoppingPatience is null or >= 1, nameof(EarlyStoppingPatience), EarlyStoppingPatience, "null or at least 1");
        Require(
            EarlyStoppingMinimumDelta >= 0 && double.IsFinite(EarlyStoppingMinimumDelta),
            nameof(EarlyStoppingMinimumDelta),
            EarlyStoppingMinimumDelta,
            "at least 0 and finite"
        );
        Require(CheckpointFolder is null || CheckpointFolder.Trim().Length > 0, nameof(CheckpointFolder), CheckpointFolder, "null or a path");
        Require(
            CheckpointSteps is null || (CheckpointSteps >= 1 && CheckpointFolder is not null),
            nameof(CheckpointSteps),
            CheckpointSteps,
            "null, or at least 1 with a CheckpointFolder"
        );
        Require(CheckpointsToKeep >= 1, nameof(CheckpointsToKeep), CheckpointsToKeep, "at least 1");
        Require(Enum.IsDefined(CancellationBehavior), nameof(CancellationBehavior), CancellationBehavior, "a known behavior");
    }

    /// <summary>Checks that there is one model to start from, and not two.</summary>
    /// <param name="checkpoint">The option Checkpoint.</param>
    /// <param name="hasModel">Is the option Model given?</param>
    /// <exception cref="ArgumentException">None is given, or both are.</exception>
    private protected static void CheckModel(string? checkpoint, bool hasModel)
    {
        if (checkpoint is null && !hasModel)
            throw new ArgumentException("The model to start from is needed: give one of the options Checkpoint (a folder) and Model.");
        if (checkpoint is not null && hasModel)
            throw new ArgumentException($"The options Checkpoint ('{checkpoint}') and Model are both given; only one of them can be the model to start from.");
    }

    /// <summary>The options that decide the resulting weights, by name: what a resumed training must have in common with the one it goes on with.</summary>
    internal virtual IEnumerable<(string Name, object? Value)> Decisive() =>
        [
            (nameof(NumberOfEpochs), NumberOfEpochs),
            (nameof(MaximumNumberOfSteps), MaximumNumberOfSteps),
            (nameof(BatchSize), BatchSize),
            (nameof(GradientAccumulationSteps), GradientAccumulationSteps),
            (nameof(GroupByLength), GroupByLength),
            (nameof(LearningRate), LearningRate),
            (nameof(LearningRateSchedule), LearningRateSchedule),
            (nameof(WarmupRatio), WarmupRatio),
            (nameof(WarmupSteps), WarmupSteps),
            (nameof(WarmupFromZero), WarmupFromZero),
            (nameof(NumberOfRestartCycles), NumberOfRestartCycles),
            (nameof(PolynomialPower), PolynomialPower),
            (nameof(FinalLearningRate), FinalLearningRate),
            (nameof(WeightDecay), WeightDecay),
            (nameof(Beta1), Beta1),
            (nameof(Beta2), Beta2),
            (nameof(Epsilon), Epsilon),
            (nameof(MaximumGradientNorm), MaximumGradientNorm),
            (nameof(FreezeEncoder), FreezeEncoder),
            (nameof(FrozenLayers), FrozenLayers),
            (nameof(LayerwiseLearningRateDecay), LayerwiseLearningRateDecay),
            (nameof(ValidationFraction), ValidationFraction),
            (nameof(KeptEpoch), KeptEpoch),
            (nameof(BestEpochMetric), BestEpochMetric ?? Metrics[0]),
            (nameof(EarlyStoppingPatience), EarlyStoppingPatience),
            (nameof(EarlyStoppingMinimumDelta), EarlyStoppingMinimumDelta),
        ];

    /// <summary>A copy that later changes of these options do not touch.</summary>
    internal TrainingOptions Copy()
    {
        var copy = (TrainingOptions)MemberwiseClone();
        copy.CopyLists();
        return copy;
    }

    /// <summary>Takes copies of lists and dictionaries, which the caller may still change.</summary>
    private protected virtual void CopyLists() { }

    /// <summary>Checks that what needs validation data has some.</summary>
    private protected void RequireValidation(bool validates) =>
        Require(
            EarlyStoppingPatience is null || validates,
            nameof(EarlyStoppingPatience),
            EarlyStoppingPatience,
            "null where there is neither a ValidationSet nor a ValidationFraction"
        );

    private protected static void Require(bool condition, string name, object? value, string expected)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(name, value, $"The training option {name} must be {expected}.");
    }
}

/// <summary>Which epoch's weights a training ends with.</summary>
public enum KeptEpoch
{
    /// <summary>The best one by <see cref="TrainingOptions.BestEpochMetric"/>; among equals, the one with the lowest validation loss.</summary>
    Best,

    /// <summary>The last one.</summary>
    Last,
}

/// <summary>What a cancelled training does.</summary>
public enum CancellationBehavior
{
    /// <summary>Throws <see cref="OperationCanceledException"/> out of Fit.</summary>
    Throw,

    /// <summary>Ends with the best epoch so far or, where none has been finished and validated, with the weights of that moment.</summary>
    KeepBest,
}
