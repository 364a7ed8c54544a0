using System.Text.Json;
using BertMl.Files;

namespace BertMl.Training;

/// <summary>Length and CRC-32C of each file of a training checkpoint, as <c>checksums.json</c> beside them has it.</summary>
internal sealed class CheckpointChecksums
{
    private const string FileName = "checksums.json";
    private const int Version = 1;
    private const int GreatestFile = 1 << 16;
    private static readonly JsonSerializerOptions _json = new()
    {
        WriteIndented = true,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Version of the checkpoint's layout. A newer one than this program's is refused; older ones stay readable.</summary>
    public int FormatVersion { get; init; } = Version;

    /// <summary>The checksums by file name.</summary>
    public SortedDictionary<string, Checksum> Files { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Writes them into the checkpoint's folder.</summary>
    public void Write(string folder)
    {
        using var stream = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew);
        JsonSerializer.Serialize(stream, this, _json);
    }

    /// <summary>Opens a file of a checkpoint that is as it was written.</summary>
    /// <exception cref="InvalidDataException">
    /// The checksums are not JSON of their kind; the file was changed or cut short, or a newer program wrote it.
    /// </exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public static FileStream Open(string folder, string name)
    {
        using var json = new MemoryStream(InputFile.ReadAllBytes(Path.Combine(folder, FileName), GreatestFile));
        var checksums = JsonObjects.Read<CheckpointChecksums>(json, FileName, _json);
        if (checksums.FormatVersion != Version)
            throw new InvalidDataException($"It is of version {checksums.FormatVersion}; this program reads version {Version}.");
        if (!checksums.Files.TryGetValue(name, out var expected))
            throw new InvalidDataException($"{FileName} does not have {name}.");
        var stream = InputFile.Open(Path.Combine(folder, name), FileOptions.SequentialScan, bufferSize: 1 << 18);
        try
        {
            if (stream.Length != expected.Length || Checksum.Of(stream) != expected)
                throw new InvalidDataException($"{name} was changed or cut short: its checksum is wrong.");
            stream.Position = 0;
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
