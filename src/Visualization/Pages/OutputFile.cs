using BertMl.Files;

namespace BertMl.Pages;

/// <summary>Writes pages, pictures and tables.</summary>
internal static class OutputFile
{
    /// <summary>Writes a file, whole or not at all. Its folder is made where it does not exist.</summary>
    /// <exception cref="IOException">It cannot be written; the file and the reason are named.</exception>
    public static void Write(string path, ReadOnlyMemory<byte> content)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' was not saved: the folder '{folder}' cannot be made: {e.Message}", e);
        }
        AtomicFile.Write(path, stream => stream.Write(content.Span));
    }
}
