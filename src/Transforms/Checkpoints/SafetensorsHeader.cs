using System.Buffers.Binary;
using System.Text.Json;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>
/// The header of a safetensors file: eight bytes of length N, N bytes of JSON that says of each tensor its type, shape and place, then the tensors' bytes.
/// Everything is checked before anything is allocated: every byte after the header belongs to exactly one tensor.
/// Format: https://github.com/huggingface/safetensors.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Bytes before the JSON.</summary>
    public const int PrefixLength = 8;

    /// <summary>Longest JSON that the format allows.</summary>
    public const int MaxJsonLength = 100_000_000;

    // Complex numbers, which no network here has: tensors of them beside the weights are left out.
    private const string Complex = "C64";
    private const int ComplexSize = 8;

    /// <summary>A tensor and where its bytes begin, counted from the end of the header.</summary>
    public readonly record struct Entry(TensorInfo Info, long Begin, long End);

    private readonly record struct ElementType(TensorElementType Type, int Size, bool IsLeftOut);

    /// <summary>Length of the JSON, from the first eight bytes.</summary>
    /// <param name="prefix">The first bytes of the file, eight at most.</param>
    /// <param name="length">Bytes of the whole file, or null where it is not known (a stream).</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <exception cref="InvalidDataException">The file is too short or the header too long.</exception>
    public static int JsonLength(ReadOnlySpan<byte> prefix, long? length, string source)
    {
        if (prefix.Length < PrefixLength)
            throw Invalid(source, $"the file has {prefix.Length} bytes, too few for a header");
        var json = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (json > MaxJsonLength)
            throw Invalid(source, $"the header claims {json} bytes; at most {MaxJsonLength} are allowed");
        if (json > (ulong)(length - PrefixLength ?? MaxJsonLength))
            throw Invalid(source, $"the header claims {json} bytes, but the file has only {length}");
        return (int)json;
    }

    /// <summary>Reads and checks the JSON.</summary>
    /// <param name="json">The JSON, perhaps padded with spaces.</param>
    /// <param name="dataLength">Bytes after the header, or null where that is not known (a stream).</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <returns>The tensors in the order of their bytes.</returns>
    /// <exception cref="InvalidDataException">The header is not valid.</exception>
    public static List<Entry> Parse(ReadOnlySpan<byte> json, long? dataLength, string source)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
            throw Invalid(source, "the header is not a JSON object");
        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
        var leftOut = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (name == "__metadata__")
                    SkipMetadata(ref reader, source);
                else if (!entries.TryAdd(name, ReadEntry(ref reader, name, source, dataLength is null ? null : leftOut)))
                    throw Invalid(source, $"tensor '{Excerpt.Of(name)}' occurs twice");
            }
            if (reader.Read())
                throw Invalid(source, "something follows the header's JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{source}: not a safetensors file: the header is not valid JSON: {Excerpt.Of(e)}", e);
        }
        return [.. InOrder(entries.Values, dataLength, source).Where(entry => !leftOut.Contains(entry.Info.Name))];
    }

    /// <summary>The error for a file that is not what it should be.</summary>
    public static InvalidDataException Invalid(string source, string reason) => new($"{source}: not a valid safetensors file: {reason}.");

    private static List<Entry> InOrder(IEnumerable<Entry> entries, long? dataLength, string source)
    {
        var ordered = entries.OrderBy(e => e.Begin).ThenBy(e => e.End).ToList();
        long end = 0;
        foreach (var entry in ordered)
        {
            if (entry.Begin != end)
                throw Invalid(source, $"tensor '{Excerpt.Of(entry.Info.Name)}' begins at {entry.Begin}, but the one before it ends at {end}");
            end = entry.End;
        }
        if (dataLength is { } length && end != length)
            throw Invalid(source, $"the tensors take {end} bytes, but {length} follow the header");
        return ordered;
    }

    private static void SkipMetadata(ref Utf8JsonReader reader, string source)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Invalid(source, "__metadata__ is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                throw Invalid(source, "__metadata__ has a value that is not a string");
        }
    }

    // A stream is read from end to end, and has what we wrote ourselves: nothing of it is left out.
    private static Entry ReadEntry(ref Utf8JsonReader reader, string name, string source, HashSet<string>? leftOut)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Invalid(source, $"tensor '{Excerpt.Of(name)}' is not described by an object");
        ElementType? type = null;
        List<long>? shape = null,
            offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (type is null && reader.ValueTextEquals("dtype"u8))
                type = ReadType(ref reader, name, source, canLeaveOut: leftOut is not null);
            else if (shape is null && reader.ValueTextEquals("shape"u8))
                shape = ReadSizes(ref reader, name, source);
            else if (offsets is null && reader.ValueTextEquals("data_offsets"u8))
                offsets = ReadSizes(ref reader, name, source);
            else
                throw Invalid(source, $"tensor '{Excerpt.Of(name)}' has an unknown or repeated field '{Excerpt.Of(reader.GetString()!)}'");
        }
        if (type is not { } elementType || shape is null || offsets is not [var begin, var end])
            throw Invalid(source, $"tensor '{Excerpt.Of(name)}' lacks dtype, shape or its two data_offsets");
        if (elementType.IsLeftOut)
            leftOut!.Add(name);
        var info = new TensorInfo(name, elementType.Type, shape);
        if (ByteCount(info, elementType.Size) is not { } bytes || end < begin || end - begin != bytes)
            throw Invalid(
                source,
                $"tensor '{Excerpt.Of(name)}' of type {elementType.Type} and shape [{Excerpt.Of(shape)}] does not fill the bytes {begin} to {end}"
            );
        return new Entry(info, begin, end);
    }

    private static long? ByteCount(TensorInfo info, int size)
    {
        try
        {
            return checked(info.Count * size);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static ElementType ReadType(ref Utf8JsonReader reader, string name, string source, bool canLeaveOut)
    {
        reader.Read();
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        foreach (var type in Enum.GetValues<TensorElementType>())
        {
            if (string.Equals(text, type.Name(), StringComparison.Ordinal))
                return new(type, type.Size(), IsLeftOut: false);
        }
        if (canLeaveOut && text == Complex)
            return new(TensorElementType.U8, ComplexSize, IsLeftOut: true);
        throw Invalid(
            source,
            $"tensor '{Excerpt.Of(name)}' has the element type '{Excerpt.Of(text ?? "")}'; known are "
                + $"{string.Join(", ", Enum.GetValues<TensorElementType>().Select(t => t.Name()))}"
        );
    }

    private static List<long> ReadSizes(ref Utf8JsonReader reader, string name, string source)
    {
        var sizes = new List<long>();
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            throw Invalid(source, $"tensor '{Excerpt.Of(name)}' has a shape or data_offsets that is not a list");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var size) || size < 0)
                throw Invalid(source, $"tensor '{Excerpt.Of(name)}' has a shape or data_offsets that is not a list of sizes");
            sizes.Add(size);
        }
        return sizes;
    }
}
