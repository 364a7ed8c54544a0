namespace BertMl.Training;

/// <summary>How the learning rate goes on after warm-up; names and formulas are Hugging Face's (<c>SchedulerType</c>).</summary>
public enum LearningRateSchedule
{
    /// <summary>Falls linearly to 0 at the last step.</summary>
    Linear,

    /// <summary>Falls to 0 along half a cosine.</summary>
    Cosine,

    /// <summary>Falls to 0 along half a cosine, <see cref="TrainingOptions.NumberOfRestartCycles"/> times over.</summary>
    CosineWithRestarts,

    /// <summary>Falls to <see cref="TrainingOptions.FinalLearningRate"/> as a power of what remains (<see cref="TrainingOptions.PolynomialPower"/>).</summary>
    Polynomial,

    /// <summary>Stays as it is, from the first step on: no warm-up.</summary>
    Constant,

    /// <summary>Stays as it is after warm-up.</summary>
    ConstantWithWarmup,

    /// <summary>Falls with the square root of the step; counted from the end of warm-up, or from step 10,000 where there is none.</summary>
    InverseSqrt,
}

/// <summary>The learning rate of each step.</summary>
internal static class LearningRates
{
    /// <summary>Steps of warm-up: as given, or the ratio's part of all steps, rounded up as Hugging Face does.</summary>
    public static int WarmupSteps(TrainingOptions options, int totalSteps) => options.WarmupSteps ?? (int)Math.Ceiling(totalSteps * options.WarmupRatio);

    /// <summary>The learning rate of a step.</summary>
    /// <param name="options">Schedule and base learning rate.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    public static double At(TrainingOptions options, int step, int totalSteps)
    {
        var warmup = WarmupSteps(options, totalSteps);
        var rate = options.LearningRate;
        if (options.LearningRateSchedule != LearningRateSchedule.Constant && step < warmup)
            return rate * (options.WarmupFromZero ? step : step + 1) / warmup;
        var progress = (double)(step - warmup) / Math.Max(1, totalSteps - warmup);
        return options.LearningRateSchedule switch
        {
            LearningRateSchedule.Linear => rate * Math.Max(0, 1 - progress),
            LearningRateSchedule.Cosine => rate * HalfCosine(Math.Min(1, progress)),
            LearningRateSchedule.CosineWithRestarts => progress >= 1 ? 0 : rate * HalfCosine(options.NumberOfRestartCycles * progress % 1),
            LearningRateSchedule.Polynomial => options.FinalLearningRate
                + (rate - options.FinalLearningRate) * Math.Pow(Math.Max(0, 1 - progress), options.PolynomialPower),
            LearningRateSchedule.InverseSqrt => rate / Math.Sqrt(warmup > 0 ? (double)step / warmup : (step + 10_000) / 10_000.0),
            _ => rate,
        };
    }

    /// <summary>Is there a step at which anything is learned?</summary>
    public static bool AnyIsAboveZero(TrainingOptions options, int totalSteps) =>
        Enumerable.Range(0, totalSteps).Any(step => At(options, step, totalSteps) > 0);

    private static double HalfCosine(double progress) => 0.5 * (1 + Math.Cos(Math.PI * progress));
}
