namespace BertMl.Files;

/// <summary>Writes a file whole or not at all.</summary>
internal static class AtomicFile
{
    private const string Suffix = ".tmp";

    /// <summary>
    /// Writes beside the file's place, to disk, and renames. Several processes may write the same file at once: whichever is last replaces the others'.
    /// What a killed process left behind is removed.
    /// </summary>
    /// <param name="path">The file, in a folder that exists; replaced where it exists.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="IOException">It cannot be written; nothing has changed.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        var temporary = $"{path}.{Guid.NewGuid():N}{Suffix}";
        try
        {
            RemoveAbandoned(path);
            // Open while it is renamed: a file that is open is not abandoned.
            using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
            write(stream);
            stream.Flush(flushToDisk: true);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            if (e is IOException or UnauthorizedAccessException)
                throw new IOException($"'{path}' was not saved: {e.Message}", e);
            throw;
        }
    }

    private static void RemoveAbandoned(string path)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*" + Suffix))
        {
            if (!Guid.TryParseExact(file.AsSpan(path.Length + 1)[..^Suffix.Length], "N", out _))
                continue;
            try
            {
                new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process is writing it.
            }
        }
    }
}
