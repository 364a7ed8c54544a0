using System.Text.Json;

namespace BertMl.Checkpoints;

/// <summary>Fields of a JSON object, each checked as it is read; null counts as absent.</summary>
/// <param name="json">The object.</param>
/// <param name="source">Name of the file, for messages.</param>
internal sealed class JsonFields(JsonElement json, string source)
{
    /// <summary>Name of the file, for messages.</summary>
    public string Source => source;

    /// <summary>Finds a field that is present and not null.</summary>
    public bool TryGet(string field, out JsonElement value) => json.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A text, or null.</summary>
    public string? Text(string field) => TryGet(field, out var value) ? Text(field, value) : null;

    /// <summary>The text that a value is.</summary>
    public string Text(string field, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid(field, "text");
        }
        catch (InvalidOperationException)
        {
            throw Invalid(field, "valid Unicode text");
        }
    }

    /// <summary>A truth value.</summary>
    public bool Flag(string field, bool absent) => !TryGet(field, out var value) ? absent : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Invalid(field, "true or false"),
    };

    /// <summary>A size from 1.</summary>
    public int Size(string field, int absent, int maximum) => Integer(field, 1, maximum) ?? absent;

    /// <summary>An integer within limits, or null.</summary>
    public int? Integer(string field, int minimum, int maximum)
    {
        if (!TryGet(field, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= minimum && number <= maximum
            ? number
            : throw Invalid(field, $"an integer from {minimum} to {maximum}");
    }

    /// <summary>A number in [0, 1), or null.</summary>
    public double? Probability(string field) => Number(field, number => number is >= 0 and < 1, "a number from 0 up to but not 1");

    /// <summary>A number above 0, or null.</summary>
    public double? Positive(string field) => Number(field, number => number > 0 && double.IsFinite(number), "a number above 0");

    /// <summary>The fields of an object.</summary>
    public IEnumerable<JsonProperty> Pairs(string field) =>
        TryGet(field, out var value) && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw Invalid(field, "an object");

    /// <summary>The error for a field that is not what it should be.</summary>
    public InvalidDataException Invalid(string field, string expected)
    {
        var found = TryGet(field, out var value) ? value.GetRawText() : "nothing";
        return new($"{source}: {field} must be {expected}, but is {(found.Length > 100 ? found[..100] + " ..." : found)}.");
    }

    private double? Number(string field, Func<double, bool> valid, string expected)
    {
        if (!TryGet(field, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && valid(number) ? number : throw Invalid(field, expected);
    }
}
