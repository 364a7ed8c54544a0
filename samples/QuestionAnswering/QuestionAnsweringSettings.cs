using BertMl.Training;

namespace BertMl.Samples;

/// <summary>What the command line sets; the defaults are the usual recipe for SQuAD.</summary>
internal sealed record QuestionAnsweringSettings
{
    public string? Data { get; init; }
    public string? Test { get; init; }
    public string? Model { get; init; }
    public string? Checkpoint { get; init; }
    public double TrainShare { get; init; } = 0.8;
    public int Epochs { get; init; } = 3;
    public double LearningRate { get; init; } = 5e-5;
    public int BatchSize { get; init; } = 16;
    public int MaximumLength { get; init; } = 384;
    public int Stride { get; init; } = 128;
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Auto;
    public int Seed { get; init; } = 42;
    public string Output { get; init; } = Path.Combine("artifacts", "question-answering");
}
