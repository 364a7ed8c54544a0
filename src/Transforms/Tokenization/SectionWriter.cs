using System.Text.Json;

namespace BertMl.Tokenization;

/// <summary>What the writers of several sections have in common.</summary>
internal static class SectionWriter
{
    /// <summary>Writes a section that has nothing but its type.</summary>
    public static void WriteType(this Utf8JsonWriter json, string type)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteEndObject();
    }

    /// <summary>Writes a section that is a list of sections.</summary>
    public static void WriteSequence<T>(this Utf8JsonWriter json, string name, IEnumerable<T> sections, Action<T, Utf8JsonWriter> write)
    {
        json.WriteStartObject();
        json.WriteString("type", "Sequence");
        json.WriteStartArray(name);
        foreach (var section in sections)
            write(section, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes a Boolean that may be null.</summary>
    public static void WriteBooleanOrNull(this Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } known)
            json.WriteBoolean(name, known);
        else
            json.WriteNull(name);
    }

    /// <summary>Writes a token and its id, as ["[CLS]", 101].</summary>
    public static void WriteTokenAndId(this Utf8JsonWriter json, string name, (string Token, int Id) token)
    {
        json.WriteStartArray(name);
        json.WriteStringValue(token.Token);
        json.WriteNumberValue(token.Id);
        json.WriteEndArray();
    }
}
