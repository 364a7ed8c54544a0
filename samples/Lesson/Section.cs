using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>One stop of the lesson.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="title">Its heading.</param>
/// <param name="question">What is to be seen, in a sentence or two.</param>
internal abstract class Section(string name, string title, string question)
{
    /// <summary>All sections, in the order of the lesson.</summary>
    public static IReadOnlyList<Section> All { get; } =
    [
        new MaskingSection(),
        new ArchitectureSection(),
        new FineTuningSection(),
        new AttentionSection(),
        new MaskingStrategiesSection(),
        new EmbeddingMapSection(),
    ];

    public string Name => name;

    public string Title => title;

    public string Question => question;

    /// <summary>Does it, and tells what was run and what came out.</summary>
    public abstract IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken);

    /// <summary>The sections of these names, in the order of the lesson; none: all.</summary>
    /// <exception cref="ArgumentException">There is no such section.</exception>
    public static IReadOnlyList<Section> Find(IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(wanted => !All.Any(section => section.Name == wanted)) is { } unknown)
            throw new ArgumentException($"There is no section '{unknown}'; there are {string.Join(", ", All.Select(section => section.Name))}.");
        return [.. All.Where(section => names.Count == 0 || names.Contains(section.Name))];
    }
}
