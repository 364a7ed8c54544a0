namespace BertMl.Files;

/// <summary>Writes all files of a folder or none.</summary>
internal static class AtomicFolder
{
    /// <summary>
    /// Lets files be written beside their place and moves them there once all are whole and on disk. A new folder appears at once; in one that exists,
    /// files of the same names are replaced one by one, config.json last (as names go, backwards), and others stay. Where one cannot be replaced, those
    /// before it are put back.
    /// </summary>
    /// <param name="folder">Where the files shall be.</param>
    /// <param name="write">Writes them into the folder it is given.</param>
    /// <exception cref="IOException">The files cannot be written, as the message says; nothing has changed.</exception>
    public static void Write(string folder, Action<string> write)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var exists = Directory.Exists(folder);
        var temporary = (exists ? folder + Path.DirectorySeparatorChar : folder) + ".saving-" + Guid.NewGuid().ToString("N");
        try
        {
            Directory.CreateDirectory(temporary);
            write(temporary);
            foreach (var file in Directory.GetFiles(temporary))
                Flush(file);
            if (exists)
                Replace(temporary, folder);
            else
                Directory.Move(temporary, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Nothing was saved in '{folder}': {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    private static void Replace(string source, string folder)
    {
        var replaced = Directory.CreateDirectory(Path.Combine(source, "replaced")).FullName;
        var done = new Stack<string>();
        try
        {
            foreach (var name in Directory.GetFiles(source).Select(file => Path.GetFileName(file)).OrderDescending(StringComparer.Ordinal))
            {
                var (from, to) = (Path.Combine(source, name), Path.Combine(folder, name));
                if (File.Exists(to))
                    File.Replace(from, to, Path.Combine(replaced, name));
                else
                    File.Move(from, to);
                done.Push(name);
            }
        }
        catch
        {
            foreach (var name in done)
            {
                var (old, place) = (Path.Combine(replaced, name), Path.Combine(folder, name));
                if (File.Exists(old))
                    File.Move(old, place, overwrite: true);
                else
                    File.Delete(place);
            }
            throw;
        }
    }

    private static void Flush(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        stream.Flush(flushToDisk: true);
    }
}
