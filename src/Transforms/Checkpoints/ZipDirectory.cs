using System.Buffers.Binary;
using System.Text;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>
/// Where the entries of a zip file lie, so that they can be read from a mapped file without copying. PyTorch stores its entries; compressed ones are refused.
/// Format: PKWARE APPNOTE, with zip64.
/// </summary>
internal static class ZipDirectory
{
    private const int EndLength = 22;
    private const int EntryLength = 46;
    private const int LocalLength = 30;

    /// <summary>Does a file begin as a zip file does?</summary>
    public static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\x03\x04"u8);

    /// <summary>Offset and length of each entry's bytes, by name.</summary>
    /// <exception cref="InvalidDataException">The file is not a valid zip file of stored entries.</exception>
    public static Dictionary<string, (long Offset, long Length)> Read(MappedFile file)
    {
        var (offset, length, count) = FindDirectory(file);
        if (length > int.MaxValue || offset > file.Length - length || count > length / EntryLength)
            throw Invalid(file, "its directory is not within the file");
        var entries = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        using var lease = file.Bytes(offset, (int)length);
        var rest = lease.Span;
        for (long i = 0; i < count; i++)
        {
            var (name, size, header) = ReadEntry(file, ref rest);
            if (!entries.TryAdd(name, (DataOffset(file, header, size, name), size)))
                throw Invalid(file, $"entry '{Excerpt.Of(name)}' occurs twice");
        }
        return entries;
    }

    private static (long Offset, long Length, long Count) FindDirectory(MappedFile file)
    {
        var tailLength = (int)Math.Min(file.Length, EndLength + ushort.MaxValue + 20);
        using var lease = file.Bytes(file.Length - tailLength, tailLength);
        var tail = lease.Span;
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            var end = tail[at..];
            if (U32(end, 0) != 0x06054B50 || U16(end, 20) != end.Length - EndLength)
                continue;
            // The zip64 locator stands right before; PyTorch always writes one.
            if (at < 20 || U32(tail[(at - 20)..], 0) != 0x07064B50)
                return (U32(end, 16), U32(end, 12), U16(end, 10));
            var position = I64(tail[(at - 20)..], 8);
            if (position < 0 || position > file.Length - 56)
                break;
            using var record = file.Bytes(position, 56);
            var (offset, length, count) = (I64(record.Span, 48), I64(record.Span, 40), I64(record.Span, 32));
            if (U32(record.Span, 0) != 0x06064B50 || offset < 0 || length < 0 || count < 0)
                break;
            return (offset, length, count);
        }
        throw Invalid(file, "its directory is missing; it may be cut short");
    }

    private static (string Name, long Size, long Header) ReadEntry(MappedFile file, ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < EntryLength || U32(rest, 0) != 0x02014B50)
            throw Invalid(file, "its directory is damaged");
        int nameLength = U16(rest, 28),
            extraLength = U16(rest, 30),
            length = EntryLength + nameLength + extraLength + U16(rest, 32);
        if (rest.Length < length)
            throw Invalid(file, "its directory is damaged");
        var name = Encoding.UTF8.GetString(rest.Slice(EntryLength, nameLength));
        if (U16(rest, 10) != 0 || (U16(rest, 8) & 1) != 0)
            throw Invalid(file, $"entry '{Excerpt.Of(name)}' is compressed or encrypted");
        var extra = rest.Slice(EntryLength + nameLength, extraLength);
        long packed = U32(rest, 20),
            size = U32(rest, 24),
            header = U32(rest, 42);
        // Numbers that need 64 bits stand in an extra field, in this order.
        var wide = Zip64(extra);
        size = Widen(file, size, ref wide);
        packed = Widen(file, packed, ref wide);
        header = Widen(file, header, ref wide);
        if (packed != size)
            throw Invalid(file, $"entry '{Excerpt.Of(name)}' is compressed");
        rest = rest[length..];
        return (name, size, header);
    }

    private static ReadOnlySpan<byte> Zip64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4 && extra.Length - 4 >= U16(extra, 2))
        {
            if (U16(extra, 0) == 1)
                return extra.Slice(4, U16(extra, 2));
            extra = extra[(4 + U16(extra, 2))..];
        }
        return [];
    }

    private static long Widen(MappedFile file, long number, ref ReadOnlySpan<byte> wide)
    {
        if (number != uint.MaxValue)
            return number;
        if (wide.Length < 8 || I64(wide, 0) < 0)
            throw Invalid(file, "a 64-bit size is missing");
        number = I64(wide, 0);
        wide = wide[8..];
        return number;
    }

    private static long DataOffset(MappedFile file, long header, long size, string name)
    {
        if (header <= file.Length - LocalLength)
        {
            using var local = file.Bytes(header, LocalLength);
            var data = header + LocalLength + U16(local.Span, 26) + U16(local.Span, 28);
            if (U32(local.Span, 0) == 0x04034B50 && size <= file.Length - data)
                return data;
        }
        throw Invalid(file, $"entry '{Excerpt.Of(name)}' is not within the file; it may be cut short");
    }

    private static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private static InvalidDataException Invalid(MappedFile file, string reason) => new($"{file.Path}: not a valid zip file: {reason}.");
}
