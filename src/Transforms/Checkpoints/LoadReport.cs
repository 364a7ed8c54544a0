using System.Text;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>A tensor of a checkpoint that has another shape than the network needs.</summary>
/// <param name="Name">The parameter.</param>
/// <param name="Found">Dimensions in the checkpoint.</param>
/// <param name="Expected">Dimensions in the network.</param>
public sealed record TensorMismatch(string Name, IReadOnlyList<long> Found, IReadOnlyList<int> Expected)
{
    /// <summary>Name and both shapes.</summary>
    public override string ToString() => $"{Name} ([{string.Join(", ", Found)}] instead of [{string.Join(", ", Expected)}])";
}

/// <summary>How well a checkpoint fitted the network that it was loaded into; the lists are those of transformers' loading info.</summary>
/// <param name="Missing">Parameters that the checkpoint does not have; newly initialized.</param>
/// <param name="Mismatched">Parameters whose tensors have another shape; newly initialized.</param>
/// <param name="Unexpected">Tensors of the checkpoint, by their names in the file, that the network does not have.</param>
public sealed record LoadReport(IReadOnlyList<string> Missing, IReadOnlyList<TensorMismatch> Mismatched, IReadOnlyList<string> Unexpected)
{
    /// <summary>Nothing missing, mismatched or unexpected.</summary>
    public static LoadReport Complete { get; } = new([], [], []);

    /// <summary>Were all parameters found?</summary>
    public bool IsComplete => Missing.Count == 0 && Mismatched.Count == 0;

    /// <summary>Parameters that start from random weights, in the network's order within each list.</summary>
    public IEnumerable<string> NewlyInitialized => [.. Missing, .. Mismatched.Select(m => m.Name)];

    /// <summary>Newly initialized parameters outside the head: more than fine-tuning on another task explains.</summary>
    public IEnumerable<string> NewlyInitializedEncoder => NewlyInitialized.Where(name => !IsHead(name));

    /// <summary>The lists that are not empty, each on a line with the first few of its items.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, "Missing, newly initialized", Missing);
        Append(text, "Of another shape, newly initialized", Mismatched);
        Append(text, "Unexpected, not used", Unexpected);
        return text.Length == 0 ? "Every parameter was found, and nothing else." : text.ToString().TrimEnd();
    }

    /// <summary>Does a parameter belong to a head, and not to the encoder or its pooler?</summary>
    internal Func<string, bool> IsHead { get; init; } = _ => false;

    /// <summary>Scoring and export must not run on random weights.</summary>
    /// <param name="source">The folder, for the message.</param>
    /// <exception cref="InvalidDataException">A parameter was not found.</exception>
    internal void ThrowIfIncomplete(string source)
    {
        if (!IsComplete)
            throw new InvalidDataException(
                $"{source}: the checkpoint does not have all of the network's parameters. "
                    + $"{(this with { Unexpected = [] }).ToString().Replace(Environment.NewLine, " ", StringComparison.Ordinal)}"
            );
    }

    // Characters of an item: a name and two shapes.
    private const int NameAndShapes = 160;

    private static void Append<T>(StringBuilder text, string title, IReadOnlyList<T> items)
    {
        if (items.Count > 0)
            text.AppendLine($"{title}: {Excerpt.Of(items, NameAndShapes)}.");
    }
}
