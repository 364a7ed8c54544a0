using System.Text.Json;
using BertMl.Files;
using BertMl.Metrics;
using BertMl.Networks;

namespace BertMl.Scoring;

/// <summary>
/// Fields of config.json that are BertMl's own, by which a folder scores as the transformer did that wrote it: what was found on validation data once the
/// weights were learned. Hugging Face keeps such fields and does not read them.
/// </summary>
internal static class ScoringFields
{
    private const string Prefix = "bertml_";

    /// <summary>The threshold of each label of a classifier of several labels.</summary>
    public const string ThresholdsName = Prefix + "thresholds";

    /// <summary>The temperature of a classifier.</summary>
    public const string TemperatureName = Prefix + "temperature";

    /// <summary>The threshold of no answer. Where it is absent, each question has an answer.</summary>
    public const string NullScoreThresholdName = Prefix + "null_score_threshold";

    /// <summary>The configuration with these fields, and without others of ours: they were another model's.</summary>
    public static ModelConfig Set(ModelConfig config, IEnumerable<(string Name, object Value)> fields)
    {
        var others = config
            .OtherFields.Where(field => !field.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal);
        foreach (var (name, value) in fields)
            others[name] = JsonSerializer.SerializeToElement(value);
        return config with { OtherFields = others };
    }

    /// <summary>The thresholds; null: there are none.</summary>
    /// <exception cref="InvalidDataException">They are not one for each label, between 0 and 1.</exception>
    public static float[]? Thresholds(ModelConfig config)
    {
        if (!config.OtherFields.TryGetValue(ThresholdsName, out var field))
            return null;
        if (field.ValueKind != JsonValueKind.Array || field.EnumerateArray().Any(value => value.ValueKind != JsonValueKind.Number))
            throw Wrong(ThresholdsName, field, "a list of numbers");
        float[] thresholds = [.. field.EnumerateArray().Select(value => (float)value.GetDouble())];
        return thresholds.Length == config.Labels.Count && Array.TrueForAll(thresholds, threshold => threshold is > 0 and < 1)
            ? thresholds
            : throw Wrong(ThresholdsName, field, $"a number between 0 and 1 for each of the {config.Labels.Count} labels");
    }

    /// <summary>The temperature; null: there is none.</summary>
    /// <exception cref="InvalidDataException">It is none that can be.</exception>
    public static double? Temperature(ModelConfig config) =>
        Number(config, TemperatureName) is not { } value ? null
        : value is >= TemperatureScaling.Lowest and <= TemperatureScaling.Highest ? value
        : throw Wrong(TemperatureName, config.OtherFields[TemperatureName], $"a number from {TemperatureScaling.Lowest} to {TemperatureScaling.Highest}");

    /// <summary>The threshold of no answer; null: there is none.</summary>
    /// <exception cref="InvalidDataException">It is not a number.</exception>
    public static double? NullScoreThreshold(ModelConfig config) => Number(config, NullScoreThresholdName);

    private static double? Number(ModelConfig config, string name) =>
        !config.OtherFields.TryGetValue(name, out var field) ? null
        : field.ValueKind == JsonValueKind.Number && field.TryGetDouble(out var value) && double.IsFinite(value) ? value
        : throw Wrong(name, field, "a number");

    private static InvalidDataException Wrong(string name, JsonElement field, string expected) =>
        new($"config.json: {name} is {Excerpt.Of(field.GetRawText(), 60)}; expected {expected}.");
}
