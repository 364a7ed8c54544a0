using BertMl.FineTuning;
using BertMl.Training;
using Microsoft.ML;
using Spectre.Console;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace BertMl.Samples;

/// <summary>What the sections share: the texts, the BERT, and the classifier that one section trains and others look into.</summary>
internal sealed class LessonContext(IAnsiConsole console, LessonSettings settings)
{
    private const int HeldOutRows = 2000;

    public IAnsiConsole Console => console;

    public LessonSettings Settings => settings;

    public MLContext Ml { get; } = new(settings.Seed);

    /// <summary>The BERT that the lesson starts from.</summary>
    public string Bert => settings.Bert ?? ShippedModel.Folder;

    /// <summary>The classifier that the fine-tuning leaves, a Hugging Face folder.</summary>
    public string ClassifierFolder => Path.Combine(settings.Output, "classifier");

    public IReadOnlyList<LabelledText> AllRows =>
        field ??= settings.Data is { } path
            ? [.. LabelledTextFile.Read(Directory.Exists(path) ? Path.Combine(path, "train.tsv") : path)]
            : SdkDocumentation.SummariesByArea();

    public LabelledTextSplit Split => field ??= Shorten(LabelledTextSplit.Of(AllRows, settings.Seed, settings.Data ?? "The SDK's documentation"));

    /// <summary>What the lesson is about, in words.</summary>
    public static string Describe(LessonSettings settings) => $"{settings.Data ?? "the .NET SDK's API documentation"} and {settings.Bert ?? ShippedModel.Name}";

    private LabelledTextSplit Shorten(LabelledTextSplit split) => new([.. split.Training.Take(settings.Rows)], [.. split.HeldOut.Take(HeldOutRows)]);

    /// <summary>Fine-tunes the BERT, and leaves the classifier in <see cref="ClassifierFolder"/>.</summary>
    public FineTuned Train(CancellationToken cancellationToken)
    {
        var keys = Ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: KeyOrdinality.ByValue).Fit(Ml.Data.LoadFromEnumerable(AllRows));
        // The first tenth validates: it chooses the epoch and the temperature.
        var validationRows = Math.Max(1, Split.Training.Count / 10);
        var validation = keys.Transform(Ml.Data.LoadFromEnumerable(Split.Training.Take(validationRows).ToArray()));
        var training = keys.Transform(Ml.Data.LoadFromEnumerable(Split.Training.Skip(validationRows).ToArray()));
        var heldOut = keys.Transform(Ml.Data.LoadFromEnumerable(Split.HeldOut));
        var folder = Path.Combine(settings.Output, "fine-tuning");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        using var curves = new TrainingCurves(folder);
        var (model, _, epochs) = TrainingDisplay.Show(
            console,
            display =>
                Ml.MulticlassClassification.Trainers.BertClassification(
                        new BertClassificationTrainer.Options
                        {
                            Checkpoint = Bert,
                            NumberOfEpochs = settings.Epochs,
                            LearningRate = 3e-4,
                            MaximumLength = 64,
                            ValidationSet = validation,
                            CalibrateTemperature = true,
                            Progress = new Reports(display.Report, curves.Report),
                            CancellationToken = cancellationToken,
                        }
                    )
                    .Fit(training)
        );
        using var _ = model;
        model.SavePretrained(ClassifierFolder);
        return new(Evaluation.Of(Ml, model, heldOut), epochs, curves.CsvPath);
    }

    /// <summary>Trains the classifier where no section has done it yet.</summary>
    public void RequireClassifier(CancellationToken cancellationToken)
    {
        if (Directory.Exists(ClassifierFolder))
            return;
        console.MarkupLine("  [dim]First the classifier that this section looks into ...[/]");
        Train(cancellationToken);
    }
}

/// <summary>What came of the fine-tuning.</summary>
/// <param name="Evaluation">On held-out texts, its confidence scaled by a temperature that was found on validation texts.</param>
/// <param name="Epochs">The metrics of each epoch.</param>
/// <param name="CurvesPath">Its curves.</param>
internal sealed record FineTuned(Evaluation Evaluation, IReadOnlyList<EpochMetrics> Epochs, string CurvesPath);
