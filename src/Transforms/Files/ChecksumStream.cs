namespace BertMl.Files;

/// <summary>Length and CRC-32C of some bytes.</summary>
/// <param name="Length">How many there are.</param>
/// <param name="Crc32C">Their CRC-32C.</param>
internal readonly record struct Checksum(long Length, uint Crc32C)
{
    /// <summary>Reads a stream to its end.</summary>
    public static Checksum Of(Stream stream)
    {
        using var read = new ChecksumStream(stream);
        read.CopyTo(Stream.Null, 1 << 18);
        return read.Checksum;
    }
}

/// <summary>Passes bytes on, one way, and computes the checksum of what has passed. The inner stream stays its owner's.</summary>
/// <param name="inner">Where the bytes come from, or go to.</param>
internal sealed class ChecksumStream(Stream inner) : Stream
{
    /// <summary>The checksum of what has passed so far.</summary>
    public Checksum Checksum { get; private set; }

    public override bool CanRead => inner.CanRead;
    public override bool CanWrite => inner.CanWrite;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        Add(buffer[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        Add(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Add(ReadOnlySpan<byte> bytes) => Checksum = new(Checksum.Length + bytes.Length, Crc32C.Of(bytes, Checksum.Crc32C));
}
