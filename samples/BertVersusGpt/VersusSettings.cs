namespace BertMl.Samples;

/// <summary>What the experiment is to do.</summary>
internal sealed record VersusSettings
{
    /// <summary>Labelled text: a folder with GLUE's train.tsv and dev.tsv, or a file; null: the SDK's documentation.</summary>
    public string? Data { get; init; }

    /// <summary>The BERT; null: the shipped one.</summary>
    public string? Bert { get; init; }

    /// <summary>The GPT-2; null: the shipped one.</summary>
    public string? Gpt { get; init; }

    /// <summary>What the models go on from or fill, with {text} and {label}; null: the task's own.</summary>
    public string? Prompt { get; init; }

    /// <summary>The words of each label, as <c>label=word,word</c>; none: the task's own.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Texts that all ways are asked.</summary>
    public int TestRows { get; init; } = 400;

    /// <summary>Texts to fine-tune on at most.</summary>
    public int TrainingRows { get; init; } = 8000;

    /// <summary>Passes over them.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Highest learning rate of fine-tuning that small models learn well by.</summary>
    public const double RateOfSmallModels = 5e-4;

    /// <summary>Highest learning rate of fine-tuning; null: 5e-4 for models of width 256 or less, and 2e-5 for others.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Tokens of a text at most in fine-tuning.</summary>
    public int MaximumLength { get; init; } = 64;

    /// <summary>Labelled texts in the prompt of few-shot, where so many fit.</summary>
    public int Shots { get; init; } = 4;

    public int Seed { get; init; } = 1;

    public string Output { get; init; } = Path.Combine("artifacts", "bert-versus-gpt");

    public string BertFolder => Bert ?? ShippedModel.Folder;

    public string GptFolder => Gpt ?? ShippedModel.GptFolder;

    public string BertName => Bert ?? ShippedModel.Name;

    public string GptName => Gpt ?? ShippedModel.GptName;
}
