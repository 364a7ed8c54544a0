using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Files;
using BertMl.Training;

namespace BertMl.Pretraining;

/// <summary>
/// Rows of token ids in a memory-mapped file: the operating system brings in what is read. The file is mapped afresh now and then, so that what was read
/// does not pile up in the process's memory. Thread-safe.
/// </summary>
internal sealed class TokenCache : IDisposable
{
    // A read of tokens brings in pages around it too: 64 KiB on Linux. Between two mappings that makes 128 MiB.
    private const int ReadsBetweenMappings = 2048;

    // Entries of the table of rows lie close together.
    private const int RowsAsOneRead = 256;

    private readonly TokenCacheHeader _header;
    private readonly Lock _lock = new();
    private MappedFile _file;
    private int _lookups;

    private TokenCache(MappedFile file, TokenCacheHeader header) => (_file, _header) = (file, header);

    /// <summary>Number of rows.</summary>
    public int Count => (int)_header.Rows;

    /// <summary>Tokens of all rows, special tokens included.</summary>
    public long TokenCount => _header.Tokens;

    /// <summary>Number of documents that the rows are of.</summary>
    public long DocumentCount => _header.Documents;

    /// <summary>Tokens of the longest row.</summary>
    public int LongestRow => _header.LongestRow;

    /// <summary>SHA-256 of the text that the cache was made of.</summary>
    public ReadOnlySpan<byte> TextHash => _header.Text;

    /// <summary>Equal for caches of equal rows of the same text, whatever version of the tokenizer's files made them.</summary>
    public string Fingerprint => $"{Convert.ToHexString(_header.Text)[..16]}-{_header.ContentChecksum:X8}";

    /// <summary>Is a file missing, empty or a token cache, of whatever text, so that nothing is lost where another takes its place?</summary>
    public static bool CanReplace(string path)
    {
        if (!File.Exists(path))
            return true;
        Span<byte> magic = stackalloc byte[sizeof(ulong)];
        var count = InputFile.ReadStart(path, magic);
        return count == 0 || (count == magic.Length && BinaryPrimitives.ReadUInt64LittleEndian(magic) == TokenCacheHeader.ExpectedMagic);
    }

    /// <summary>Opens a cache, if the file is one, is whole, and was made with these settings. All of it is read once, to check it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">SHA-256 of the tokenizer and the settings.</param>
    /// <param name="reason">Why it is of no use.</param>
    /// <returns>The cache, or null.</returns>
    public static TokenCache? TryOpen(string path, ReadOnlySpan<byte> settings, out string? reason)
    {
        reason = "there is none yet";
        if (!File.Exists(path))
            return null;
        var file = new MappedFile(path);
        try
        {
            var header = default(TokenCacheHeader);
            reason =
                CheckHeader(file, ref header) ?? (settings.SequenceEqual(header.Settings) ? null : "it was made by another tokenizer or with other settings");
            var cache = new TokenCache(file, header);
            reason ??= cache.CheckContent();
            if (reason is null)
                return cache;
        }
        catch (OverflowException)
        {
            reason = Damaged;
        }
        file.Dispose();
        return null;
    }

    /// <summary>Number of tokens of a row.</summary>
    public int Length(int row) => IsUniform ? LongestRow : (int)(Row(row).End - Start(row));

    /// <summary>Whether the second text of a row follows the first: see <see cref="TokenCacheRow"/>.</summary>
    public int NextSentence(int row) => Row(row).NextSentence;

    /// <summary>How many tokens of a row are of type 0; the rest are of type 1.</summary>
    public int FirstCount(int row) => Row(row).FirstCount;

    /// <summary>Reads the tokens of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="ids">Receives them; as long as the row.</param>
    public void Read(int row, Span<int> ids)
    {
        var start = Start(row);
        using var _ = _lock.EnterScope();
        MapAfresh(RowsAsOneRead);
        using var bytes = _file.Bytes(TokenCacheHeader.Size + start * _header.BytesPerToken, ids.Length * _header.BytesPerToken);
        if (_header.BytesPerToken == sizeof(int))
        {
            MemoryMarshal.Cast<byte, int>(bytes.Span).CopyTo(ids);
        }
        else
        {
            var narrow = MemoryMarshal.Cast<byte, ushort>(bytes.Span);
            for (var i = 0; i < narrow.Length; i++)
                ids[i] = narrow[i];
        }
        // They index embeddings.
        if (ids.ContainsAnyExceptInRange(0, _header.VocabularySize - 1))
            throw new InvalidDataException($"The token cache '{_file.Path}' has ids beyond its vocabulary of {_header.VocabularySize}: delete it.");
    }

    public void Dispose() => _file.Dispose();

    private bool IsUniform => _header.Tokens == _header.Rows * _header.LongestRow;

    private long Start(int row) =>
        IsUniform ? (long)row * LongestRow
        : row == 0 ? 0
        : Row(row - 1).End;

    private TokenCacheRow Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        using var _ = _lock.EnterScope();
        MapAfresh(1);
        using var bytes = _file.Bytes(_header.RowsOffset + (long)row * TokenCacheRow.Size, TokenCacheRow.Size);
        return MemoryMarshal.Read<TokenCacheRow>(bytes.Span);
    }

    private void MapAfresh(int lookups)
    {
        _lookups += lookups;
        if (_lookups < ReadsBetweenMappings * RowsAsOneRead)
            return;
        _lookups = 0;
        var afresh = new MappedFile(_file.Path);
        var header = default(TokenCacheHeader);
        if (CheckHeader(afresh, ref header) is not null || header.Checksum != _header.Checksum)
        {
            afresh.Dispose();
            throw new InvalidDataException($"The token cache '{_file.Path}' was replaced while it was in use.");
        }
        _file.Dispose();
        _file = afresh;
    }

    private const string Damaged = "it is damaged or was cut short";

    private static string? CheckHeader(MappedFile file, ref TokenCacheHeader header)
    {
        if (file.Length < TokenCacheHeader.Size)
            return Damaged;
        using (var bytes = file.Bytes(0, TokenCacheHeader.Size))
            bytes.Span.CopyTo(TokenCacheHeader.AsBytes(ref header));
        if (header.Magic != TokenCacheHeader.ExpectedMagic)
            return "the file is not a token cache of this version";
        var isSound =
            header.Checksum == header.ComputeChecksum()
            && header.BytesPerToken is sizeof(ushort) or sizeof(int)
            && header is { VocabularySize: > 0, LongestRow: > 0, Rows: > 0 and <= int.MaxValue, Tokens: > 0 }
            && header.FileLength == file.Length;
        return isSound ? null : Damaged;
    }

    // Read, not mapped: all of it passes by. A checksum says that the file is as it was written, not that who wrote it meant well: so rows are checked too.
    private string? CheckContent()
    {
        using var stream = InputFile.Open(_file.Path, FileOptions.SequentialScan);
        stream.Position = TokenCacheHeader.Size;
        var (buffer, checksum) = (new byte[1 << 20], 0u);
        for (int read; (read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0; )
            checksum = Crc32C.Of(buffer.AsSpan(0, read), checksum);
        if (checksum != _header.ContentChecksum)
            return Damaged;
        stream.Position = _header.RowsOffset;
        var end = 0L;
        for (int read; (read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0; )
            foreach (var row in MemoryMarshal.Cast<byte, TokenCacheRow>(buffer.AsSpan(0, read)))
            {
                var length = row.End - end;
                if (length < 1 || length > LongestRow || row.FirstCount < 0 || row.FirstCount > length || row.NextSentence is < TokenCacheRow.None or > 1)
                    return Damaged;
                end = row.End;
            }
        return end == TokenCount ? null : Damaged;
    }
}
