using System.Text;
using System.Text.Unicode;

namespace BertMl.Files;

/// <summary>The lines of UTF-8 text, checked strictly, in flat memory however long the text or its lines are.</summary>
internal sealed class Utf8LineReader
{
    private readonly string _name;
    private readonly Stream _stream;
    private readonly byte[] _bytes;
    private readonly char[] _characters;
    private int _start,
        _end;
    private long _readOfLine;
    private bool _atEnd,
        _endsLine = true;

    /// <summary>Begins to read.</summary>
    /// <param name="stream">The text; it stays the caller's.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="longestPiece">Bytes of a line that are given at once at most.</param>
    /// <exception cref="InvalidDataException">The text is UTF-16.</exception>
    public Utf8LineReader(Stream stream, string name, int longestPiece = 1 << 22)
    {
        // One more than there are: a buffer that was not filled has all.
        var size = stream.CanSeek ? (int)Math.Clamp(stream.Length - stream.Position + 1, 3, longestPiece) : longestPiece;
        (_stream, _name, _bytes, _characters) = (stream, name, new byte[size], new char[size]);
        Refill();
        if (_bytes.AsSpan(0, _end) is [0xEF, 0xBB, 0xBF, ..])
            _start = 3;
        else if (_bytes.AsSpan(0, _end) is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new InvalidDataException($"{name}: line 1 is not UTF-8 but UTF-16. Save the text as UTF-8.");
    }

    /// <summary>Opens a file to be read from its front to its end, by readers that have a buffer of their own.</summary>
    /// <exception cref="InvalidDataException">It is a pipe or a device.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream Open(string path) => InputFile.Open(path, FileOptions.SequentialScan);

    /// <summary>Reads all lines, those that are very long in pieces.</summary>
    /// <exception cref="InvalidDataException">A line is not UTF-8; it is named.</exception>
    public static IEnumerable<string> ReadAll(Stream stream, string name)
    {
        var reader = new Utf8LineReader(stream, name);
        while (reader.TryRead(out var line))
            yield return line.ToString();
    }

    /// <summary>Number of the line last read, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>
    /// Reads a line without its end (LF or CRLF). One longer than the buffer comes in pieces of the same <see cref="LineNumber"/>, cut at a space
    /// where there is one.
    /// </summary>
    /// <param name="line">The line; valid until the next call.</param>
    /// <returns>false: the text is at its end.</returns>
    /// <exception cref="InvalidDataException">The line is not UTF-8; it is named.</exception>
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
        (LineNumber, _readOfLine) = _endsLine ? (LineNumber + 1, 0) : (LineNumber, _readOfLine);
        _endsLine = endsLine || _atEnd;
        var piece = _bytes.AsSpan(_start, length);
        _start += endsLine ? length + 1 : length;
        line = _characters.AsMemory(0, Decode(_endsLine && piece is [.., (byte)'\r'] ? piece[..^1] : piece));
        _readOfLine += length;
        return true;
    }

    private int Decode(ReadOnlySpan<byte> piece)
    {
        if (Utf8.ToUtf16(piece, _characters, out var read, out var written, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done)
            return written;
        throw new InvalidDataException(
            $"{_name}: line {LineNumber} is not UTF-8 (byte 0x{piece[read]:X2} at byte {_readOfLine + read + 1} of the line). Save the text as UTF-8."
        );
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
