namespace BertMl.Training;

/// <summary>What surrounds a training.</summary>
internal sealed record TrainingEnvironment
{
    /// <summary>Seed of the training.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Receives lines for people.</summary>
    public Action<string> Log { get; init; } = _ => { };

    /// <summary>Has somebody beside the options' token asked to stop? (ML.NET's own cancellation.)</summary>
    public Func<bool> IsCancellationRequested { get; init; } = () => false;

    /// <summary>What decides the result beside options and data: model, task. Only asked for where checkpoints are written.</summary>
    public Func<IEnumerable<(string Name, object? Value)>> Decisive { get; init; } = () => [];

    /// <summary>Defaults of those: what a checkpoint stands for that was written before a setting was there.</summary>
    public Func<IEnumerable<(string Name, object? Value)>> Defaults { get; init; } = () => [];
}
