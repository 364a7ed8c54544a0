using System.Formats.Tar;

namespace BertMl.Files;

/// <summary>Opens files that come from outside. Where a pipe or a device stands in a file's place, opening it would wait for ever.</summary>
internal static class InputFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it will be read.</param>
    /// <param name="bufferSize">Bytes that the stream buffers; 0 (the default): none.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a pipe, a device or a socket.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream Open(string path, FileOptions options = FileOptions.None, int bufferSize = 0)
    {
        RefuseSpecial(path);
        try
        {
            return new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize, options);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(Directory.Exists(path) ? $"'{path}' is a folder; expected a file." : $"'{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The error of a file that is not there, or is a folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is called.</param>
    public static FileNotFoundException Missing(string path, string what = "file") =>
        new(Directory.Exists(path) ? $"'{path}' is a folder; expected a {what}." : $"The {what} '{path}' does not exist.", path);

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximumLength">The most bytes that it may have. Default: 1 GiB.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is longer, or is a pipe, a device or a socket.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] ReadAllBytes(string path, int maximumLength = 1 << 30)
    {
        using var stream = Open(path);
        if (stream.Length > maximumLength)
            throw new InvalidDataException($"{path}: the file has {stream.Length:N0} bytes; at most {maximumLength:N0} were expected.");
        var bytes = new byte[stream.Length];
        return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    /// <summary>Reads the start of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">Receives its first bytes.</param>
    /// <returns>How many bytes there are, as far as they are asked for.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a pipe, a device or a socket.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static int ReadStart(string path, Span<byte> start)
    {
        using var stream = Open(path);
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
    }

    // Pipes and devices have no length. Of what has none, a tar archive says what it is, without opening it.
    private static void RefuseSpecial(string path)
    {
        // Of what is not there, the target of a link is looked for in vain, with another exception.
        if (!File.Exists(path))
            return;
        var file = (File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo) ?? new FileInfo(path);
        if (!file.Exists || file.Length > 0 || OperatingSystem.IsWindows())
            return;
        using var archive = new MemoryStream();
        var kind = "socket";
        try
        {
            using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
                writer.WriteEntry(file.FullName, "file");
            archive.Position = 0;
            using var reader = new TarReader(archive);
            var type = reader.GetNextEntry()!.EntryType;
            if (type == TarEntryType.RegularFile)
                return;
            kind = type switch
            {
                TarEntryType.Fifo => "pipe",
                TarEntryType.CharacterDevice or TarEntryType.BlockDevice => "device",
                _ => type.ToString(),
            };
        }
        catch (IOException)
        {
            // Archives hold no sockets.
        }
        throw new InvalidDataException($"'{path}' is not a file but a {kind}.");
    }
}
