namespace BertMl.Samples;

/// <summary>What the command line sets.</summary>
internal sealed record QuickStartSettings
{
    public string? Data { get; init; }
    public string? Checkpoint { get; init; }

    /// <summary>Start from random weights, in the shape of the checkpoint and with its vocabulary.</summary>
    public bool RandomWeights { get; init; }
    public int Epochs { get; init; } = 2;
    public double LearningRate { get; init; } = 5e-4;
    public int Seed { get; init; } = 1;
    public string Output { get; init; } = Path.Combine("artifacts", "quickstart");
    public string? Report { get; init; }
}
