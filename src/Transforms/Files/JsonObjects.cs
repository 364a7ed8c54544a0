using System.Text.Json;

namespace BertMl.Files;

/// <summary>Reads objects that this library has written as JSON. Files of other programs are read field by field (<see cref="JsonField"/>).</summary>
internal static class JsonObjects
{
    /// <summary>Reads an object.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="options">How it was written.</param>
    /// <exception cref="InvalidDataException">It is not JSON of such an object.</exception>
    public static T Read<T>(Stream stream, string file, JsonSerializerOptions? options = null)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(stream, options) ?? throw new InvalidDataException($"{file}: it is null; expected a JSON object.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file}: not valid JSON: {Excerpt.Of(e)}", e);
        }
    }
}
