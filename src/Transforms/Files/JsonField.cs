using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BertMl.Files;

/// <summary>A value of a JSON file that knows its place, so that every error names file and field, what was found and what was expected.</summary>
internal readonly struct JsonField(JsonElement element, string file, string path)
{
    public JsonValueKind Kind => element.ValueKind;

    /// <summary>The file.</summary>
    public string File => file;

    /// <summary>Is it a whole number that is written as one?</summary>
    public bool IsWholeNumber => element.ValueKind == JsonValueKind.Number && element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0;

    /// <summary>Reads a file whose root is an object.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="read">Reads from the root.</param>
    public static T Read<T>(byte[] bytes, string file, Func<JsonField, T> read)
    {
        ForeignContent.Refuse(bytes.AsSpan(0, Math.Min(bytes.Length, ForeignContent.StartLength)), file);
        try
        {
            using var document = PythonNumbers.Parse(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes);
            return read(new JsonField(document.RootElement, file, "").Expect(JsonValueKind.Object));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{file}: not valid JSON at line {exception.LineNumber + 1}: {Excerpt.Of(exception)}", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidDataException($"{file}: a string is not valid Unicode: {Excerpt.Of(exception)}", exception);
        }
    }

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            write(writer);
        return stream.ToArray();
    }

    public InvalidDataException Wrong(string expected)
    {
        var found = element.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Undefined ? element.ValueKind.ToString() : RawText();
        return new InvalidDataException($"{file}: {(string.IsNullOrEmpty(path) ? "the file" : path)} is {Excerpt.Of(found)}; expected {expected}.");
    }

    public JsonField Expect(JsonValueKind kind) => element.ValueKind == kind ? this : throw Wrong($"a JSON {kind}");

    /// <summary>A property, or null where it is absent or null.</summary>
    public JsonField? Optional(string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new JsonField(value, file, Child(name))
            : null;

    /// <summary>Is a property there, and null?</summary>
    public bool IsNull(string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    public JsonField Required(string name) => Optional(name) ?? throw new InvalidDataException($"{file}: {Child(name)} is missing.");

    public IEnumerable<(string Name, JsonField Value)> Properties()
    {
        foreach (var property in element.EnumerateObject())
            yield return (property.Name, new JsonField(property.Value, file, Child(property.Name)));
    }

    public IEnumerable<JsonField> Items()
    {
        var index = 0;
        foreach (var item in element.EnumerateArray())
            yield return new JsonField(item, file, $"{path}[{index++}]");
    }

    public string String()
    {
        try
        {
            return Expect(JsonValueKind.String).Element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("valid Unicode text");
        }
    }

    public int Int32() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) ? value : throw Wrong("a whole number");

    /// <summary>One of some texts.</summary>
    public string OneOf(params ReadOnlySpan<string> known) =>
        String() is var text && known.Contains(text) ? text : throw Wrong(string.Join(", ", known.ToArray().Select(name => $"\"{name}\"")));

    /// <summary>A whole number of 0 or more: an id, a length or a count.</summary>
    public int Count() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value >= 0 ? value : throw Wrong("a whole number of 0 or more");

    /// <summary>One character.</summary>
    public Rune Character() =>
        String() is { Length: > 0 } text && Rune.TryGetRuneAt(text, 0, out var rune) && rune.Utf16SequenceLength == text.Length
            ? rune
            : throw Wrong("one character");

    public double Double() => element.ValueKind == JsonValueKind.Number ? element.GetDouble() : throw Wrong("a number");

    /// <summary>A Boolean property, or null where it is absent or null.</summary>
    public bool? Boolean(string name) =>
        Optional(name) is not { } field ? null
        : field.Kind is JsonValueKind.True or JsonValueKind.False ? field.Kind == JsonValueKind.True
        : throw field.Wrong("true or false");

    /// <summary>The value itself, which outlives the file.</summary>
    public JsonElement Clone() => element.Clone();

    /// <summary>A Boolean property that must be there.</summary>
    public bool RequiredBoolean(string name) => Boolean(name) ?? throw new InvalidDataException($"{file}: {Child(name)} is missing.");

    private JsonElement Element => element;

    private string RawText()
    {
        try
        {
            return element.GetRawText();
        }
        catch (InvalidOperationException)
        {
            return "not valid Unicode";
        }
    }

    private string Child(string name) => string.IsNullOrEmpty(path) ? Excerpt.Of(name) : $"{path}.{Excerpt.Of(name)}";
}
