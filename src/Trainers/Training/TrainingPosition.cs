using BertMl.RandomNumbers;

namespace BertMl.Training;

/// <summary>
/// The loop's own position; with the learner's state, all that a resumed training needs. Nothing random is in it: see <see cref="CounterRandom"/>.
/// </summary>
internal sealed class TrainingPosition
{
    /// <summary>What the training was begun with, by name.</summary>
    public SortedDictionary<string, string> Settings { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Optimizer steps taken.</summary>
    public int Step { get; set; }

    /// <summary>Epochs finished.</summary>
    public int Epoch { get; set; }

    /// <summary>Steps taken in the epoch under way.</summary>
    public int StepInEpoch { get; set; }

    /// <summary>Sums over the epoch under way.</summary>
    public LossSum EpochSum { get; set; }

    /// <summary>Metrics of the epochs finished.</summary>
    public List<EpochMetrics> History { get; init; } = [];

    /// <summary>The best epoch so far, from 1; 0: none.</summary>
    public int BestEpoch { get; set; }

    /// <summary>The value that the next epoch has to improve on, for early stopping; null: none yet.</summary>
    public double? Reference { get; set; }

    /// <summary>Epochs since it was set.</summary>
    public int EpochsWithoutImprovement { get; set; }

    /// <summary>Is the training at its end?</summary>
    public bool Finished { get; set; }
}
