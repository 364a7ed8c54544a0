using BertMl.Datasets;
using Microsoft.ML;

namespace BertMl.Samples;

/// <summary>What is asked: the texts, the labels, and how a language model that has not learned them is asked about them.</summary>
/// <param name="Source">Where the texts are from.</param>
/// <param name="Labels">The labels, in the order of the figures.</param>
/// <param name="Training">Texts to learn from.</param>
/// <param name="Test">Texts that all ways are asked.</param>
/// <param name="Words">The words of each label.</param>
/// <param name="Prompt">How they are asked.</param>
internal sealed record VersusTask(
    string Source,
    IReadOnlyList<string> Labels,
    IReadOnlyList<LabelledText> Training,
    IReadOnlyList<LabelledText> Test,
    IReadOnlyList<LabelWords> Words,
    PromptTemplate Prompt
)
{
    /// <summary>Reads the texts.</summary>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is not as expected.</exception>
    public static VersusTask Load(MLContext ml, VersusSettings settings)
    {
        var source = settings.Data ?? "the .NET SDK's API documentation";
        var (training, test) = Rows(ml, settings, source);
        string[] labels = [.. training.Concat(test).Select(row => row.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (labels.Length < 2)
            throw new InvalidDataException($"{source}: expected at least two labels, found {labels.Length}.");
        training = [.. training.Take(settings.TrainingRows)];
        test = [.. test.Take(settings.TestRows)];
        var template = settings.Prompt ?? (settings.Data is null ? "{text} This is about the {label}." : "{text} It was {label}.");
        return new(source, labels, training, test, LabelWords.Of(labels, settings.Words), PromptTemplate.Parse(template));
    }

    private static (IReadOnlyList<LabelledText> Training, IReadOnlyList<LabelledText> Test) Rows(MLContext ml, VersusSettings settings, string source)
    {
        if (settings.Data is not { } path)
            return Split(SdkDocumentation.SummariesByArea());
        if (!Directory.Exists(path))
            return Split(path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? LabelledTextFile.Read(path) : Read(path));
        var development = new[] { "dev.tsv", "dev_matched.tsv" }.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists);
        var test = Read(development ?? throw new FileNotFoundException($"'{path}' has no dev.tsv beside train.tsv.")).ToArray();
        var training = Read(Path.Combine(path, "train.tsv")).ToArray();
        // Files may be sorted.
        new Random(settings.Seed).Shuffle(training);
        new Random(settings.Seed).Shuffle(test);
        return (training, test);

        (IReadOnlyList<LabelledText>, IReadOnlyList<LabelledText>) Split(IReadOnlyList<LabelledText> rows)
        {
            var split = LabelledTextSplit.Of(rows, settings.Seed, source);
            return (split.Training, split.HeldOut);
        }

        // The two texts of a pair become one.
        IReadOnlyList<LabelledText> Read(string file) =>
            [
                .. ml
                    .Data.CreateEnumerable<GlueExample>(ml.Data.LoadGlue(file), reuseRowObject: false)
                    .Select(row => new LabelledText { Text = row.Pair.Length == 0 ? row.Text : $"{row.Text} {row.Pair}", Label = row.Label }),
            ];
    }
}
