using BertMl.Training;

namespace BertMl.Samples;

/// <summary>What the command line sets.</summary>
internal sealed record NamedEntitiesSettings
{
    public string? Data { get; init; }
    public string? Test { get; init; }
    public string? Checkpoint { get; init; }
    public int Epochs { get; init; } = 1;
    public double LearningRate { get; init; } = 5e-4;
    public int BatchSize { get; init; } = 32;
    public int MaximumLength { get; init; } = 128;
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Auto;
    public int? Rows { get; init; }
    public int Seed { get; init; } = 1;
    public string Output { get; init; } = Path.Combine("artifacts", "named-entities");
}
