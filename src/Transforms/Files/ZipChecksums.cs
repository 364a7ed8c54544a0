using System.IO.Compression;
using System.IO.Hashing;

namespace BertMl.Files;

/// <summary>A zip file has a CRC-32 of each entry, which .NET does not compare with what it reads.</summary>
internal static class ZipChecksums
{
    /// <summary>Reads all entries, and compares their checksums.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no zip file, is cut short, or an entry was changed, which is named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void Check(string path)
    {
        using var stream = InputFile.Open(path, FileOptions.SequentialScan);
        string? name = null;
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            foreach (var entry in archive.Entries)
            {
                name = entry.FullName;
                using var content = entry.Open();
                var sum = new Crc32();
                sum.Append(content);
                if (sum.GetCurrentHashAsUInt32() != entry.Crc32)
                    throw new InvalidDataException("The checksum is wrong.");
            }
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(
                name is null ? $"'{path}' is no whole zip file; it may be cut short." : $"'{path}': the part '{Excerpt.Of(name)}' was changed or is damaged.",
                e
            );
        }
    }
}
