namespace BertMl.Samples;

/// <summary>What the command line sets.</summary>
internal sealed record EntailmentSettings
{
    public string? Data { get; init; }
    public string? Checkpoint { get; init; }
    public int Pairs { get; init; } = 12_000;
    public int Epochs { get; init; } = 3;
    public double LearningRate { get; init; } = 3e-4;
    public int Seed { get; init; } = 1;
    public string Output { get; init; } = Path.Combine("artifacts", "entailment");
}
