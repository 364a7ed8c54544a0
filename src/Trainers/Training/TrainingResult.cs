using BertMl.Networks;

namespace BertMl.Training;

/// <summary>What a training ends with.</summary>
/// <param name="Weights">The weights that are kept.</param>
/// <param name="History">Metrics of each epoch.</param>
/// <param name="KeptEpoch">The epoch that the weights are of, from 1; null: of an unfinished one (cancelled).</param>
internal sealed record TrainingResult(ITensors Weights, IReadOnlyList<EpochMetrics> History, int? KeptEpoch);
