namespace BertMl.Files;

/// <summary>
/// Writes all files of a folder or none. They are written to a folder of their own, <c>.saving-ID</c>, first. A new folder then gets its name at once. In
/// one that exists, <c>.saving-ID</c> is renamed to <c>.saved-ID</c>, and its files replace the older ones one by one. From then on the save holds: where
/// it is killed, <see cref="Complete"/> goes on with it. The file that comes first by name (config.json, model.onnx) is taken away before all and put in
/// place last, so that nobody takes old and new files for one model. An open file, <c>.saving-ID.lock</c>, tells a save under way from a killed one.
/// </summary>
internal static class AtomicFolder
{
    private const string Saving = ".saving-",
        Saved = ".saved-",
        Lock = ".lock";
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);

    /// <summary>Lets files be written, and moves them to their place once all are whole and on disk. Files of other names stay as they are.</summary>
    /// <param name="folder">Where the files shall be.</param>
    /// <param name="write">Writes them into the folder it is given.</param>
    /// <exception cref="IOException">The files cannot be written, as the message says; nothing has changed.</exception>
    public static void Write(string folder, Action<string> write)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        try
        {
            Complete(folder);
            var exists = Directory.Exists(folder);
            // Beside a new folder, within one that exists.
            var (place, name) = exists ? (folder, "") : (Path.GetDirectoryName(folder)!, Path.GetFileName(folder));
            Directory.CreateDirectory(place);
            RemoveAbandoned(place, name);
            Write(Path.Combine(place, name + Saving + Guid.NewGuid().ToString("N")), exists ? folder : null, folder, write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Nothing was saved in '{folder}': {e.Message}", e);
        }
    }

    /// <summary>
    /// Goes on with a save into this folder that was killed while its files were put in place, and waits for one under way. To be called before the folder
    /// is read.
    /// </summary>
    /// <exception cref="IOException">The save cannot be completed.</exception>
    public static void Complete(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(folder))
            return;
        foreach (var saved in Directory.GetDirectories(folder, Saved + "*"))
        {
            try
            {
                using var own = WaitForLock(saved);
                if (!Directory.Exists(saved))
                    continue;
                Install(saved, folder, []);
                Directory.Delete(saved, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"A save into '{folder}' was interrupted and cannot be completed: {e.Message}", e);
            }
        }
    }

    /// <summary>Removes what killed saves left in a folder.</summary>
    /// <param name="place">The folder.</param>
    /// <param name="name">Name of the folder that was to be saved within it; empty: of those saved into it.</param>
    public static void RemoveAbandoned(string place, string name = "")
    {
        foreach (var left in Directory.GetFileSystemEntries(place, name + Saving + "*"))
        {
            try
            {
                using var own = TryLock(left);
                if (own is not null && Directory.Exists(left))
                    Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is left for the next.
            }
        }
    }

    private static void Write(string temporary, string? existing, string folder, Action<string> write)
    {
        var left = temporary;
        using var own = TryLock(temporary) ?? throw new IOException($"'{temporary}' is in use.");
        try
        {
            Directory.CreateDirectory(temporary);
            write(temporary);
            foreach (var file in Directory.GetFiles(temporary))
                Flush(file);
            if (existing is null)
            {
                Directory.Move(temporary, folder);
                return;
            }
            var saved = Path.Combine(existing, Path.GetFileName(temporary).Replace(Saving, Saved, StringComparison.Ordinal));
            Directory.Move(temporary, saved);
            left = saved;
            var done = new Stack<string>();
            try
            {
                Install(saved, existing, done);
            }
            catch
            {
                Undo(saved, existing, done);
                throw;
            }
        }
        finally
        {
            if (Directory.Exists(left))
                Directory.Delete(left, recursive: true);
        }
    }

    /// <param name="saved">The folder that has the files.</param>
    /// <param name="folder">Where they belong.</param>
    /// <param name="done">Receives the names of those that were taken away or put in place.</param>
    private static void Install(string saved, string folder, Stack<string> done)
    {
        var replaced = Replaced(saved);
        Directory.CreateDirectory(replaced);
        var names = Directory.GetFiles(saved).Select(file => Path.GetFileName(file)).OrderDescending(StringComparer.Ordinal).ToList();
        if (names.Count > 1 && File.Exists(Path.Combine(folder, names[^1])))
        {
            File.Move(Path.Combine(folder, names[^1]), Path.Combine(replaced, names[^1]), overwrite: true);
            done.Push(names[^1]);
        }
        foreach (var name in names)
        {
            var (from, to) = (Path.Combine(saved, name), Path.Combine(folder, name));
            if (File.Exists(to))
                File.Replace(from, to, Path.Combine(replaced, name));
            else
                File.Move(from, to);
            done.Push(name);
        }
    }

    private static void Undo(string saved, string folder, Stack<string> done)
    {
        // The first by name may be in twice: taken away and put in place.
        foreach (var name in done.Distinct(StringComparer.Ordinal))
        {
            var (old, place) = (Path.Combine(Replaced(saved), name), Path.Combine(folder, name));
            if (File.Exists(old))
                File.Move(old, place, overwrite: true);
            else
                File.Delete(place);
        }
    }

    private static string Replaced(string saved) => Path.Combine(saved, "replaced");

    private static FileStream WaitForLock(string saved)
    {
        var start = DateTime.UtcNow;
        while (true)
        {
            if (TryLock(saved) is { } own)
                return own;
            if (DateTime.UtcNow - start > _longestWait)
                throw new IOException($"another process has been saving for {_longestWait.TotalSeconds:F0} s.");
            Thread.Sleep(10);
        }
    }

    // Where the one who made the lock is gone, it can be had.
    private static FileStream? TryLock(string path)
    {
        var name = Path.GetFileName(path).Replace(Saved, Saving, StringComparison.Ordinal);
        path = Path.Combine(Path.GetDirectoryName(path)!, name.EndsWith(Lock, StringComparison.Ordinal) ? name : name + Lock);
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    private static void Flush(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        stream.Flush(flushToDisk: true);
    }
}
