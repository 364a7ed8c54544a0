using System.Text;
using System.Text.Unicode;

namespace BertMl.Pretraining;

/// <summary>The lines of a UTF-8 file, checked strictly, in flat memory however long the file or its lines are.</summary>
internal sealed class Utf8LineReader : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly byte[] _bytes;
    private readonly char[] _characters;
    private int _start, _end;
    private bool _atEnd, _endsLine = true;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longestPiece">Bytes of a line that are given at once at most.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public Utf8LineReader(string path, int longestPiece = 1 << 22)
    {
        (_path, _bytes, _characters) = (path, new byte[longestPiece], new char[longestPiece]);
        _stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        Refill();
        if (_bytes.AsSpan(0, _end) is [0xEF, 0xBB, 0xBF, ..])
            _start = 3;
        else if (_bytes.AsSpan(0, _end) is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new InvalidDataException($"'{path}', line 1: the file is UTF-16, not UTF-8. Save it as UTF-8.");
    }

    /// <summary>Number of the line last read, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>
    /// Reads a line without its end (LF or CRLF). One longer than the buffer comes in pieces of the same <see cref="LineNumber"/>, cut at a space
    /// where there is one.
    /// </summary>
    /// <param name="line">The line; valid until the next call.</param>
    /// <returns>false: the file is at its end.</returns>
    /// <exception cref="InvalidDataException">The line is not UTF-8; file and line are named.</exception>
    public bool TryRead(out ReadOnlyMemory<char> line)
    {
        var length = _bytes.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (length < 0 && !_atEnd)
        {
            Refill();
            length = _bytes.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        }
        line = default;
        var endsLine = length >= 0;
        if (!endsLine && _end == _start)
            return false;
        if (!endsLine)
            length = _atEnd ? _end - _start : Cut(_bytes.AsSpan(_start, _end - _start));
        if (_endsLine)
            LineNumber++;
        _endsLine = endsLine || _atEnd;
        var piece = _bytes.AsSpan(_start, length);
        _start += endsLine ? length + 1 : length;
        if (endsLine && piece is [.., (byte)'\r'])
            piece = piece[..^1];
        line = _characters.AsMemory(0, Decode(piece));
        return true;
    }

    public void Dispose() => _stream.Dispose();

    private int Decode(ReadOnlySpan<byte> piece)
    {
        if (Utf8.ToUtf16(piece, _characters, out var read, out var written, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done)
            return written;
        throw new InvalidDataException($"'{_path}', line {LineNumber}: not UTF-8 (byte 0x{piece[read]:X2} at byte {read + 1} of the line). Save the file as UTF-8.");
    }

    // Keeps what is not yet read and fills the rest of the buffer.
    private void Refill()
    {
        _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
        (_start, _end) = (0, _end - _start);
        var read = _stream.ReadAtLeast(_bytes.AsSpan(_end), _bytes.Length - _end, throwOnEndOfStream: false);
        _end += read;
        _atEnd = _end < _bytes.Length;
    }

    // After the last space, or else before the character that the buffer's end may have cut.
    private static int Cut(ReadOnlySpan<byte> bytes)
    {
        var space = bytes.LastIndexOf((byte)' ');
        if (space >= 0)
            return space + 1;
        var tail = bytes.Length - 1;
        while (tail > bytes.Length - 4 && (bytes[tail] & 0xC0) == 0x80)
            tail--;
        return Rune.DecodeFromUtf8(bytes[tail..], out _, out _) == System.Buffers.OperationStatus.NeedMoreData ? tail : bytes.Length;
    }
}
