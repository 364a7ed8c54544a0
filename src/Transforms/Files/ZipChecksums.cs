using System.IO.Compression;
using System.IO.Hashing;

namespace BertMl.Files;

/// <summary>A zip file has a CRC-32 of each entry, which .NET does not compare with what it reads.</summary>
internal static class ZipChecksums
{
    // A file of a few bytes may hold terabytes of zeros. Weights and words are never packed so tightly.
    private const int GreatestFactor = 100;
    private const long AnyLength = 64 << 20;

    /// <summary>Reads all entries, and compares their checksums.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// It is no zip file, is cut short, holds more than a hundred times its length, or an entry was changed or cannot be read; it is named.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void Check(string path)
    {
        using var stream = InputFile.Open(path, FileOptions.SequentialScan);
        using var archive = Open(stream, path);
        CheckLength(archive, stream.Length, path);
        var buffer = new byte[1 << 16];
        foreach (var entry in archive.Entries)
            Check(entry, buffer, path);
    }

    private static ZipArchive Open(Stream stream, string path)
    {
        try
        {
            var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            // The directory is read when its entries are asked for.
            _ = archive.Entries;
            return archive;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}' is no whole zip file; it may be cut short.", e);
        }
    }

    // Entries may lie on one another, so that the sum is what counts.
    private static void CheckLength(ZipArchive archive, long length, string path)
    {
        var most = Math.Max(AnyLength, GreatestFactor * length);
        foreach (var entry in archive.Entries)
            if ((most -= entry.Length) < 0)
                throw new InvalidDataException($"'{path}' holds more than {GreatestFactor} times its own length; no saved model does.");
    }

    private static void Check(ZipArchiveEntry entry, byte[] buffer, string path)
    {
        try
        {
            using var content = entry.Open();
            var sum = new Crc32();
            long length = 0;
            // Not further than the directory says.
            for (int read; length <= entry.Length && (read = content.Read(buffer)) > 0; length += read)
                sum.Append(buffer.AsSpan(0, read));
            if (length != entry.Length || sum.GetCurrentHashAsUInt32() != entry.Crc32)
                throw new InvalidDataException("its checksum or length is wrong.");
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}': the part '{Excerpt.Of(entry.FullName)}' is damaged: {Excerpt.Of(e)}", e);
        }
    }
}
