using System.Runtime.InteropServices;
using BertMl.Batches;
using BertMl.Files;
using BertMl.Training;

namespace BertMl.Pretraining;

/// <summary>
/// Writes a token cache row by row, in flat memory, under another name; only <see cref="Complete"/> gives it its own, so that a cache is there whole or not at
/// all.
/// </summary>
internal sealed class TokenCacheWriter : IDisposable
{
    private readonly string _path,
        _temporary;
    private readonly int _vocabularySize,
        _bytesPerToken;
    private readonly byte[] _buffer = new byte[1 << 20];
    private readonly List<TokenCacheRow> _newRows = [];
    private readonly Stream _tokens,
        _rows;
    private int _buffered,
        _longestRow;
    private uint _checksum;
    private bool _completed;

    /// <summary>Begins a cache.</summary>
    /// <param name="path">Its file; one of that name stays as it is until <see cref="Complete"/>.</param>
    /// <param name="vocabularySize">Number of token ids.</param>
    /// <param name="open">Makes a file for reading and writing; null: on disk, for this process alone.</param>
    /// <exception cref="IOException">It cannot be written, or another process is making it.</exception>
    public TokenCacheWriter(string path, int vocabularySize, Func<string, Stream>? open = null)
    {
        (_path, _vocabularySize, _bytesPerToken) = (Path.GetFullPath(path), vocabularySize, vocabularySize <= 1 << 16 ? sizeof(ushort) : sizeof(int));
        _temporary = _path + ".tmp";
        open ??= file => new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        Stream? tokens = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            tokens = open(_temporary);
            _rows = open(RowsPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            tokens?.Dispose();
            if (tokens is not null)
                File.Delete(_temporary);
            throw Failed(e);
        }
        _tokens = tokens;
        // The header is written last: a file without it is not a cache.
        _tokens.Position = TokenCacheHeader.Size;
    }

    /// <summary>Rows written so far.</summary>
    public long RowCount { get; private set; }

    /// <summary>Tokens written so far, special tokens included.</summary>
    public long TokenCount { get; private set; }

    // The table of rows grows in a file of its own until all tokens are written.
    private string RowsPath => _temporary + "-rows";

    /// <summary>Appends a row.</summary>
    /// <param name="ids">Its token ids.</param>
    /// <param name="firstCount">How many of them are of type 0.</param>
    /// <param name="nextSentence">See <see cref="TokenCacheRow"/>.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Add(ReadOnlySpan<int> ids, int firstCount, int nextSentence = TokenCacheRow.None)
    {
        foreach (var id in ids)
        {
            if (_buffered == _buffer.Length)
                FlushTokens();
            if (_bytesPerToken == sizeof(ushort))
                MemoryMarshal.Write(_buffer.AsSpan(_buffered), (ushort)id);
            else
                MemoryMarshal.Write(_buffer.AsSpan(_buffered), id);
            _buffered += _bytesPerToken;
        }
        RowCount++;
        TokenCount += ids.Length;
        _longestRow = Math.Max(_longestRow, ids.Length);
        _newRows.Add(new(TokenCount, firstCount, nextSentence));
        if (_newRows.Count == 1 << 15)
            FlushRows();
    }

    /// <summary>Finishes the cache and gives it its name.</summary>
    /// <param name="settings">SHA-256 of what made it.</param>
    /// <param name="text">SHA-256 of what it was made of.</param>
    /// <param name="documents">Number of documents.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Complete(ReadOnlySpan<byte> settings, ReadOnlySpan<byte> text, long documents)
    {
        FlushTokens();
        FlushRows();
        var header = new TokenCacheHeader
        {
            Magic = TokenCacheHeader.ExpectedMagic,
            BytesPerToken = _bytesPerToken,
            VocabularySize = _vocabularySize,
            LongestRow = _longestRow,
            Rows = RowCount,
            Tokens = TokenCount,
            Documents = documents,
            Settings = TokenCacheHeader.Hash.From(settings),
            Text = TokenCacheHeader.Hash.From(text),
        };
        Guard(() =>
        {
            WriteContent(new byte[header.RowsOffset - TokenCacheHeader.Size - header.TokenBytes]);
            _rows.Position = 0;
            for (int read; (read = _rows.Read(_buffer)) > 0; )
                WriteContent(_buffer.AsSpan(0, read));
            header.ContentChecksum = _checksum;
            header.Checksum = header.ComputeChecksum();
            _tokens.Position = 0;
            _tokens.Write(TokenCacheHeader.AsBytes(ref header));
            if (_tokens is FileStream file)
                file.Flush(flushToDisk: true);
            _tokens.Dispose();
            File.Move(_temporary, _path, overwrite: true);
        });
        _completed = true;
    }

    /// <summary>Closes the files; what was not completed is deleted.</summary>
    public void Dispose()
    {
        Close(_rows);
        Close(_tokens);
        File.Delete(RowsPath);
        if (!_completed)
            File.Delete(_temporary);
    }

    // Closing writes what is buffered: on a full disk that fails again, and has been reported.
    private static void Close(Stream stream)
    {
        try
        {
            stream.Dispose();
        }
        catch (IOException) { }
    }

    private void FlushTokens()
    {
        Guard(() => WriteContent(_buffer.AsSpan(0, _buffered)));
        _buffered = 0;
    }

    private void FlushRows()
    {
        Guard(() => _rows.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_newRows))));
        _newRows.Clear();
    }

    private void WriteContent(ReadOnlySpan<byte> bytes)
    {
        _tokens.Write(bytes);
        _checksum = Crc32C.Of(bytes, _checksum);
    }

    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }
    }

    private IOException Failed(Exception e) => new($"The token cache '{_path}' cannot be written: {e.Message} Nothing of it is left.", e);
}
