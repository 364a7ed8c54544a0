namespace BertMl.Files;

/// <summary>Writes a file whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes beside the file's place, to disk, and renames. Several processes may write the same file at once: whichever is last replaces the others'.
    /// </summary>
    /// <param name="path">The file, in a folder that exists; replaced where it exists.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="IOException">It cannot be written; nothing has changed.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
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
}
