namespace BertMl.Samples;

/// <summary>What came of one row of the experiment with one seed.</summary>
/// <param name="Name">Name of the <see cref="Variant"/>.</param>
/// <param name="Seed">The seed.</param>
/// <param name="OwnLoss">Validation loss on held-out text that is masked as in training, in nats a masked token; null without pretraining.</param>
/// <param name="OwnAccuracy">Part of those tokens that were predicted rightly, 0 to 1; null without pretraining.</param>
/// <param name="CommonLoss">Validation loss on the same text masked as <see cref="Variant.Common"/>.</param>
/// <param name="CommonAccuracy">Part of those tokens that were predicted rightly, 0 to 1.</param>
/// <param name="MicroAccuracy">Micro accuracy of the fine-tuned model on held-out summaries, 0 to 1.</param>
/// <param name="MacroAccuracy">Its macro accuracy, 0 to 1.</param>
/// <param name="PretrainingSeconds">Time that pretraining took, with its validation.</param>
/// <param name="FineTuningSeconds">Time that fine-tuning took.</param>
internal sealed record ExperimentResult(
    string Name,
    int Seed,
    double? OwnLoss,
    double? OwnAccuracy,
    double CommonLoss,
    double CommonAccuracy,
    double MicroAccuracy,
    double MacroAccuracy,
    double PretrainingSeconds,
    double FineTuningSeconds
);
