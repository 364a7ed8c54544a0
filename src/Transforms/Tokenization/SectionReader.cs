using BertMl.Files;

namespace BertMl.Tokenization;

/// <summary>Reads the sections of one kind by their type.</summary>
/// <param name="kind">What errors call the kind.</param>
/// <param name="readers">What reads each type.</param>
internal sealed class SectionReader<T>(string kind, Dictionary<string, Func<JsonField, T>> readers)
{
    /// <summary>The types that are read, in alphabetical order.</summary>
    public IEnumerable<string> Types => readers.Keys.Order(StringComparer.Ordinal);

    /// <summary>Reads a section.</summary>
    /// <exception cref="InvalidDataException">It is of a type that is not supported, which is named with those that are, or has a field that is
    /// wrong.</exception>
    public T Read(JsonField section)
    {
        var type = section.Required("type");
        return readers.TryGetValue(type.String(), out var read) ? read(section) : throw type.Wrong($"a {kind} that is supported: {string.Join(", ", Types)}");
    }
}
