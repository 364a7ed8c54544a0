using BertMl.Metrics;

namespace BertMl.Samples;

/// <summary>What came of one way to tell the labels.</summary>
/// <param name="Model">BERT, GPT or none.</param>
/// <param name="Way">The way, in words.</param>
/// <param name="Kind">Which way it is.</param>
/// <param name="Predictions">The label of each test text, by number.</param>
/// <param name="Correct">How many of them are right.</param>
/// <param name="ScoringTime">Time from texts to labels, for all of them.</param>
/// <param name="LabelledTexts">Labelled texts that it has seen.</param>
/// <param name="TrainingTime">Time that it learned for.</param>
internal sealed record VersusResult(
    string Model,
    string Way,
    VersusKind Kind,
    IReadOnlyList<int> Predictions,
    int Correct,
    TimeSpan ScoringTime,
    int LabelledTexts = 0,
    TimeSpan TrainingTime = default
)
{
    /// <summary>Was the bias of the prior taken off?</summary>
    public bool IsCalibrated { get; init; }

    public int Count => Predictions.Count;

    public double Accuracy => (double)Correct / Count;

    public ConfidenceInterval Interval => ConfidenceInterval.Wilson(Correct, Count);

    public double MillisecondsAText => ScoringTime.TotalMilliseconds / Count;
}

/// <summary>The ways that are compared.</summary>
internal enum VersusKind
{
    Largest,
    BertFineTuned,
    BertFillMask,
    BertPseudoLikelihood,
    GptContinuation,
    GptFewShot,
    GptFineTuned,
}
