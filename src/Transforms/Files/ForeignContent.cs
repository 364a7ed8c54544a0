namespace BertMl.Files;

/// <summary>Knows what often stands in a downloaded file's place.</summary>
internal static class ForeignContent
{
    /// <summary>How many bytes of a file's start are looked at.</summary>
    public const int StartLength = 64;

    /// <summary>Refuses a file that is not what its name says, where it is known what it is instead.</summary>
    /// <param name="start">Its first bytes.</param>
    /// <param name="path">Its path, for the message.</param>
    /// <exception cref="InvalidDataException">It is a Git LFS pointer or an HTML page.</exception>
    public static void Refuse(ReadOnlySpan<byte> start, string path)
    {
        if (start.StartsWith("version https://git-lfs"u8))
            throw new InvalidDataException(
                $"{path}: this is only a pointer of Git LFS; the file itself was not downloaded. Run \"git lfs pull\" in the folder."
            );
        Span<byte> lower = stackalloc byte[StartLength];
        start = start[..Math.Min(start.Length, StartLength)].TrimStart(" \t\r\n\uFEFF"u8);
        for (var i = 0; i < start.Length; i++)
            lower[i] = (byte)char.ToLowerInvariant((char)start[i]);
        if (lower.StartsWith("<!doctype html"u8) || lower.StartsWith("<html"u8))
            throw new InvalidDataException($"{path}: this is a web page (HTML), perhaps of a failed download. Download the file again.");
    }
}
