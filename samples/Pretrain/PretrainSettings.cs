using System.Globalization;
using BertMl.Masking;
using static System.FormattableString;

namespace BertMl.Samples;

/// <summary>What a pretraining is to do; the defaults are those of models/bert-mini-dotnet.</summary>
internal sealed record PretrainSettings
{
    /// <summary>Text files; none: the API documentation of the .NET SDK.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];
    public CorpusFormat Format { get; init; } = CorpusFormat.BlankLineSeparated;

    /// <summary>Every so many documents one is held out, to evaluate on.</summary>
    public int HeldOut { get; init; } = 50;

    /// <summary>Where the model goes, as a Hugging Face folder.</summary>
    public string Output { get; init; } = Path.Combine("artifacts", "pretrained");

    /// <summary>Where checkpoints, token cache, tokenizer and curves go while it trains; null: beside the output.</summary>
    public string? Work { get; init; }
    public bool Resume { get; init; }
    public bool Float16 { get; init; }

    /// <summary>A model to go on from, in place of a vocabulary and weights of its own.</summary>
    public string? Checkpoint { get; init; }
    public PretrainArchitecture Architecture { get; init; } = PretrainArchitecture.Bert;
    public int VocabularySize { get; init; } = 8000;
    public int Layers { get; init; } = 4;
    public int Hidden { get; init; } = 256;
    public int Heads { get; init; } = 4;

    /// <summary>Width of the feed-forward layer; null: four times the hidden size.</summary>
    public int? Intermediate { get; init; }

    public SequenceLayout Layout { get; init; } = SequenceLayout.LineByLine;
    public int Length { get; init; } = 128;
    public MaskingOptions Masking { get; init; } = new();
    public bool StaticMasking { get; init; }

    public int BatchSize { get; init; } = 64;
    public int Accumulation { get; init; } = 1;
    public double LearningRate { get; init; } = 1e-3;
    public double WarmupRatio { get; init; } = 0.06;
    public int? Steps { get; init; }
    public double? Minutes { get; init; }
    public int Epochs { get; init; } = 10;
    public int CheckpointSteps { get; init; } = 200;

    /// <summary>Validate after every so many steps, beside the ends of epochs; 0: only there.</summary>
    public int ValidationSteps { get; init; } = 500;
    public int Seed { get; init; } = 1;

    /// <summary>What the work folder's tokenizer and number of steps were decided by; the trainer compares all else by itself.</summary>
    public IEnumerable<string> Lasting =>
        [
            Invariant($"--vocabulary-size {VocabularySize}"),
            Invariant($"--minutes {Minutes?.ToString(CultureInfo.InvariantCulture) ?? "none"}"),
            $"--checkpoint {Checkpoint ?? "none"}",
            $"--architecture {Architecture}",
        ];

    public string WorkFolder => Work ?? Path.TrimEndingDirectorySeparator(Output) + "-training";
}
