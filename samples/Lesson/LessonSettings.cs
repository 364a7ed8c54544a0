namespace BertMl.Samples;

/// <summary>What the lesson is to do. The defaults are chosen so that it ends in less than 20 minutes on two cores.</summary>
internal sealed record LessonSettings
{
    /// <summary>Sections to do, by number or name; none: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Labelled text; null: the SDK's documentation.</summary>
    public string? Data { get; init; }

    /// <summary>The BERT; null: the shipped one.</summary>
    public string? Bert { get; init; }

    /// <summary>The GPT-2 that the BERT is compared with; null: the shipped one.</summary>
    public string? Gpt { get; init; }

    /// <summary>Texts to fine-tune on at most.</summary>
    public int Rows { get; init; } = 8000;

    /// <summary>Passes over them.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Steps of each pretraining of masking strategies.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Texts of each class on the map.</summary>
    public int TextsOfAClass { get; init; } = 200;

    /// <summary>Do sections again that were done before?</summary>
    public bool Again { get; init; }

    public string Output { get; init; } = Path.Combine("artifacts", "lesson");

    public int Seed { get; init; } = 1;

    /// <summary>What decides the figures: sections that were done with other settings do not belong into one page.</summary>
    public IReadOnlyList<string> Decisive =>
        [
            $"--data {Data ?? Default}",
            $"--bert {Bert ?? Default}",
            $"--gpt {Gpt ?? Default}",
            $"--rows {Rows}",
            $"--epochs {Epochs}",
            $"--steps {Steps}",
            $"--per-class {TextsOfAClass}",
        ];

    private const string Default = "(default)";
}
