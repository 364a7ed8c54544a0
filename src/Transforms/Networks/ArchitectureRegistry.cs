using System.Collections.Concurrent;

namespace BertMl.Networks;

/// <summary>The architectures that folders and saved models are read with, by their <c>model_type</c>.</summary>
public static class ArchitectureRegistry
{
    private static readonly ConcurrentDictionary<string, Architecture> _architectures = new(
        new Architecture[]
        {
            Bert.Architecture,
            DistilBert.Architecture,
            Roberta.Architecture,
            XlmRoberta.Architecture,
            Albert.Architecture,
            Electra.Architecture,
            MPNet.Architecture,
            DebertaV2.Architecture,
            ModernBert.Architecture,
            Gpt2.Architecture,
        }.ToDictionary(architecture => architecture.ModelType, StringComparer.Ordinal),
        StringComparer.Ordinal
    );

    /// <summary>The types that are known, in alphabetical order.</summary>
    public static IReadOnlyList<string> ModelTypes => [.. _architectures.Keys.Order(StringComparer.Ordinal)];

    /// <summary>All architectures, in the order of <see cref="ModelTypes"/>.</summary>
    public static IReadOnlyList<Architecture> All => [.. ModelTypes.Select(type => _architectures[type])];

    /// <summary>
    /// Adds an architecture, or replaces the one of its type. Do it before a folder or saved model of it is read, in every process that reads one.
    /// </summary>
    public static void Register(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        _architectures[architecture.ModelType] = architecture;
    }

    /// <summary>The architecture of a type, or null where none is known.</summary>
    public static Architecture? Find(string modelType) => _architectures.GetValueOrDefault(modelType);

    /// <summary>The architecture whose class names begin a class's name ("BertForMaskedLM"), the longest prefix first; null: none.</summary>
    internal static Architecture? FindByClass(string className) =>
        _architectures
            .Values.Where(architecture => className.StartsWith(architecture.ClassPrefix, StringComparison.Ordinal))
            .OrderByDescending(architecture => architecture.ClassPrefix.Length)
            .FirstOrDefault();
}
