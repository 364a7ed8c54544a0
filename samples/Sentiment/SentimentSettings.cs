using BertMl.Torch;
using BertMl.Training;

namespace BertMl.Samples;

/// <summary>What the command line sets; the defaults are the usual recipe for BERT on SST-2.</summary>
internal sealed record SentimentSettings
{
    public required string Data { get; init; }
    public required string Checkpoint { get; init; }
    public int Epochs { get; init; } = 3;
    public double LearningRate { get; init; } = 2e-5;
    public int BatchSize { get; init; } = 32;
    public int MaximumLength { get; init; } = 128;
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Auto;
    public int? Rows { get; init; }
    public int Seed { get; init; } = 42;
    public string Output { get; init; } = Path.Combine("artifacts", "sentiment");
    public IReadOnlyList<string> Sentences { get; init; } = [];
}
