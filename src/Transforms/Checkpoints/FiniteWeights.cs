using System.Numerics.Tensors;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>Weights are numbers: a single NaN or infinity makes every score NaN, and no word is said.</summary>
internal static class FiniteWeights
{
    /// <summary>Is every value finite?</summary>
    public static bool IsTrueOf(ReadOnlySpan<float> values) => values.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(values));

    /// <summary>Checks tensors, one in memory at a time.</summary>
    /// <param name="weights">The tensors.</param>
    /// <param name="initialized">Names of those that no file has: random numbers, which need no look.</param>
    /// <param name="source">Where they come from, for the message.</param>
    /// <exception cref="InvalidDataException">A tensor holds NaN or infinity; it is named.</exception>
    public static void Check(ITensors weights, IEnumerable<string> initialized, string source)
    {
        if (FirstOther(weights, weights.Infos.Keys.Except(initialized, StringComparer.Ordinal)) is { } name)
            throw new InvalidDataException($"{source}: tensor '{Excerpt.Of(name)}' holds values that are not finite (NaN or infinity).");
    }

    /// <summary>The name of a tensor that holds NaN or infinity; null: there is none.</summary>
    public static string? FirstOther(ITensors weights) => FirstOther(weights, weights.Infos.Keys);

    private static string? FirstOther(ITensors weights, IEnumerable<string> names) => names.FirstOrDefault(name => !IsTrueOf(weights.Values(name).Span));
}
