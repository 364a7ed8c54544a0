using System.Globalization;
using BertMl.Masking;

namespace BertMl.Samples;

/// <summary>A row of the experiment: a way to mask, or none.</summary>
/// <param name="Name">What it is called on the command line and in tables.</param>
/// <param name="Masking">How it is pretrained; null: not at all.</param>
internal sealed record Variant(string Name, MaskingOptions? Masking)
{
    /// <summary>What all are validated on beside their own masking: 15 % of the tokens, each by itself, all of them [MASK].</summary>
    public static MaskingOptions Common { get; } =
        new()
        {
            MaskShare = 1,
            RandomShare = 0,
            KeepShare = 0,
        };

    /// <summary>All rows. Each differs from the first, BERT's own, in one thing: the split, the choice of tokens, or the rate.</summary>
    public static IReadOnlyList<Variant> All { get; } =
    [
        new("80/10/10", new()),
        new("100/0/0", Common),
        new(
            "0/0/100",
            new()
            {
                MaskShare = 0,
                RandomShare = 0,
                KeepShare = 1,
            }
        ),
        new(
            "50/50/0",
            new()
            {
                MaskShare = 0.5,
                RandomShare = 0.5,
                KeepShare = 0,
            }
        ),
        new("whole-word", new() { Strategy = MaskingStrategy.WholeWord }),
        new("span", new() { Strategy = MaskingStrategy.Span }),
        new("rate-30", new() { Rate = 0.3 }),
        new("rate-40", new() { Rate = 0.4 }),
        new("none", null),
    ];

    /// <summary>Which tokens, how many, and what becomes of them.</summary>
    public string Description =>
        Masking is not { } masking
            ? "no pretraining"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{masking.Strategy switch { MaskingStrategy.WholeWord => "whole words", MaskingStrategy.Span => "spans", _ => "uniform" }}, "
                    + $"{100 * masking.Rate:0.#} %, {100 * masking.MaskShare:0.#}/{100 * masking.RandomShare:0.#}/{100 * masking.KeepShare:0.#}"
            );

    /// <summary>Finds rows by name.</summary>
    /// <param name="names">The names; none: all rows.</param>
    /// <returns>The rows, in the experiment's order.</returns>
    /// <exception cref="ArgumentException">A name is unknown.</exception>
    public static IReadOnlyList<Variant> Find(IReadOnlyCollection<string> names)
    {
        if (names.FirstOrDefault(name => !All.Any(variant => variant.Is(name))) is { } unknown)
            throw new ArgumentException($"There is no row '{unknown}'; there are {string.Join(", ", All.Select(variant => variant.Name))}.");
        return [.. All.Where(variant => names.Count == 0 || names.Any(variant.Is))];
    }

    private bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
