using System.Globalization;

namespace BertMl.Samples;

/// <summary>What the experiment is to do. The defaults are chosen so that it ends in less than 20 minutes on two cores.</summary>
internal sealed record ExperimentSettings
{
    /// <summary>Rows to do, by name; none: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>
    /// Repetitions of each row. Seeds 1, 2, ... decide initial weights, masking and order while training; splits and evaluation stay the same.
    /// </summary>
    public int Seeds { get; init; } = 1;
    public string Output { get; init; } = Path.Combine("artifacts", "masking-strategies");

    public int VocabularySize { get; init; } = 4000;
    public int Layers { get; init; } = 2;
    public int Hidden { get; init; } = 128;
    public int Heads { get; init; } = 2;

    public int Steps { get; init; } = 1000;

    /// <summary>Tokens of a line of text at most; what is longer becomes several.</summary>
    public int Length { get; init; } = 64;
    public int BatchSize { get; init; } = 128;
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Validate after every so many steps.</summary>
    public int ValidationSteps { get; init; } = 100;

    /// <summary>Every so many documents one is held out, to validate on.</summary>
    public int HeldOut { get; init; } = 20;

    public int FineTuningEpochs { get; init; } = 2;
    public double FineTuningLearningRate { get; init; } = 5e-4;

    /// <summary>What decides the figures of a row: results of other settings do not belong into one table.</summary>
    public IReadOnlyList<string> Decisive =>
        [
            Line("--vocabulary-size", VocabularySize),
            Line("--layers", Layers),
            Line("--hidden", Hidden),
            Line("--heads", Heads),
            Line("--steps", Steps),
            Line("--max-length", Length),
            Line("--batch-size", BatchSize),
            Line("--learning-rate", LearningRate),
            Line("--fine-tuning-epochs", FineTuningEpochs),
            Line("--fine-tuning-learning-rate", FineTuningLearningRate),
            Line("held-out documents: one in", HeldOut),
        ];

    /// <summary>Checks what neither an option nor a trainer checks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Something is out of its range.</exception>
    public void Check()
    {
        if (Hidden % Heads != 0)
            throw new ArgumentOutOfRangeException(nameof(Heads), Heads, $"--heads must divide the width, {Hidden}.");
    }

    private static string Line(string name, object value) => string.Create(CultureInfo.InvariantCulture, $"{name} {value}");
}
