using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>One stop of the lesson.</summary>
/// <param name="number">Its number in the lesson: 21.2 and so on, and E21.1 to E21.3 for the experiments at its end.</param>
/// <param name="name">Its name on the command line.</param>
/// <param name="title">Its heading.</param>
/// <param name="question">What is to be seen, in a sentence or two.</param>
internal abstract class Section(string number, string name, string title, string question)
{
    /// <summary>All sections, in the order of the lesson.</summary>
    public static IReadOnlyList<Section> All { get; } =
    [
        new MaskingSection(),
        new ArchitectureSection(),
        new FineTuningSection(),
        new AttentionSection(),
        new BertVersusGptSection(),
        new MaskingStrategiesSection(),
        new EmbeddingMapSection(),
    ];

    public string Number => number;

    public string Name => name;

    public string Title => $"{title} ({number})";

    public string Question => question;

    /// <summary>Does it, and tells what was run and what came out.</summary>
    public abstract IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken);

    /// <summary>The sections of these numbers or names, in the order of the lesson; none: all.</summary>
    /// <exception cref="ArgumentException">There is no such section.</exception>
    public static IReadOnlyList<Section> Find(IReadOnlyList<string> wanted)
    {
        if (wanted.FirstOrDefault(name => !All.Any(section => section.Is(name))) is { } unknown)
            throw new ArgumentException(
                $"There is no section '{unknown}'; there are {string.Join(", ", All.Select(section => $"{section.Number} ({section.Name})"))}."
            );
        return [.. All.Where(section => wanted.Count == 0 || wanted.Any(section.Is))];
    }

    private bool Is(string wanted) =>
        string.Equals(wanted, number, StringComparison.OrdinalIgnoreCase) || string.Equals(wanted, name, StringComparison.OrdinalIgnoreCase);
}
