using System.Text.Json;

namespace BertMl.Files;

/// <summary>Reads JSON from a stream, token by token or value by value, in the memory of the largest of them.</summary>
internal sealed class JsonStreamReader
{
    private readonly Stream _stream;
    private readonly string _file;
    private byte[] _buffer;
    private int _start,
        _end;
    private bool _atEnd;
    private JsonReaderState _state;

    /// <summary>Begins to read.</summary>
    /// <param name="stream">The JSON, UTF-8; it stays the caller's.</param>
    /// <param name="file">What errors call it.</param>
    /// <param name="bufferSize">Bytes to begin with.</param>
    public JsonStreamReader(Stream stream, string file, int bufferSize = 1 << 16)
    {
        (_stream, _file, _buffer) = (stream, file, new byte[Math.Max(4, bufferSize)]);
        Refill();
        if (_buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8))
            _start = 3;
    }

    /// <summary>The name of the property that was read last.</summary>
    public string PropertyName { get; private set; } = "";

    /// <summary>Reads the next token. <see cref="JsonTokenType.None"/>: the JSON is at its end.</summary>
    /// <exception cref="InvalidDataException">It is not JSON, or is cut short.</exception>
    public JsonTokenType Read()
    {
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _atEnd, _state);
            try
            {
                if (reader.Read())
                {
                    if (reader.TokenType == JsonTokenType.PropertyName)
                        PropertyName = reader.GetString()!;
                    Advance(reader);
                    return reader.TokenType;
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw NotJson(e);
            }
            if (_atEnd)
                return JsonTokenType.None;
            Refill();
        }
    }

    /// <summary>Reads the next token, which must be of the given type.</summary>
    /// <param name="expected">The type.</param>
    /// <param name="path">What is read, for errors.</param>
    /// <exception cref="InvalidDataException">It is of another type, is not JSON, or is cut short.</exception>
    public void Expect(JsonTokenType expected, string path)
    {
        var found = Read();
        if (found != expected)
            throw new InvalidDataException($"{_file}: {path} is a JSON {found}; expected {expected}.");
    }

    /// <summary>Reads the name of an object's next property, or the object's end.</summary>
    /// <returns>false: the object is at its end.</returns>
    /// <exception cref="InvalidDataException">It is not JSON, or is cut short.</exception>
    public bool ReadProperty() => Read() == JsonTokenType.PropertyName;

    /// <summary>Reads the value of a property, or the next value of an array, whole.</summary>
    /// <param name="path">What is read, for errors.</param>
    /// <returns>The value, or null where the array is at its end.</returns>
    /// <exception cref="InvalidDataException">It is not JSON, or is cut short.</exception>
    public JsonField? ReadValue(string path)
    {
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _atEnd, _state);
            try
            {
                var isRead = reader.Read();
                if (isRead && reader.TokenType == JsonTokenType.EndArray)
                {
                    Advance(reader);
                    return null;
                }
                if (isRead && JsonDocument.TryParseValue(ref reader, out var document))
                {
                    using (document)
                    {
                        Advance(reader);
                        return new JsonField(document.RootElement.Clone(), _file, path);
                    }
                }
            }
            catch (JsonException e)
            {
                throw NotJson(e);
            }
            if (_atEnd)
                throw new InvalidDataException($"{_file}: the JSON ends before {path}.");
            Refill();
        }
    }

    /// <summary>Passes over the next value, however large it is.</summary>
    /// <exception cref="InvalidDataException">It is not JSON, or is cut short.</exception>
    public void Skip()
    {
        var depth = 0;
        do
        {
            depth += Read() switch
            {
                JsonTokenType.StartObject or JsonTokenType.StartArray => 1,
                JsonTokenType.EndObject or JsonTokenType.EndArray => -1,
                _ => 0,
            };
        } while (depth > 0);
    }

    private void Advance(in Utf8JsonReader reader)
    {
        _start += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
    }

    // Keeps what is not yet read and makes room where it fills the buffer.
    private void Refill()
    {
        var kept = _buffer.AsSpan(_start, _end - _start);
        if (kept.Length == _buffer.Length)
        {
            if (_buffer.Length == Array.MaxLength)
                throw new InvalidDataException($"{_file}: a value is longer than {Array.MaxLength:N0} bytes.");
            var larger = new byte[(int)Math.Min(Array.MaxLength, 2L * _buffer.Length)];
            kept.CopyTo(larger);
            _buffer = larger;
        }
        else
            kept.CopyTo(_buffer);
        (_start, _end) = (0, kept.Length);
        var read = _stream.ReadAtLeast(_buffer.AsSpan(_end), 1, throwOnEndOfStream: false);
        _end += read;
        _atEnd = read == 0;
    }

    private InvalidDataException NotJson(Exception e) =>
        new(
            e is JsonException { LineNumber: { } line }
                ? $"{_file}: not valid JSON at line {line + 1}{(_atEnd ? " (is the file cut short?)" : "")}: {Excerpt.Of(e)}"
                : $"{_file}: a property's name is not valid Unicode: {Excerpt.Of(e)}",
            e
        );
}
