using System.Buffers.Binary;
using System.Text;

namespace BertMl.Torch;

/// <summary>
/// Marks one required symbol version of an ELF library as weak, so that the dynamic loader accepts a system library without it
/// (gABI "Symbol versioning": <c>VER_FLG_WEAK</c> in <c>vna_flags</c> of section <c>SHT_GNU_verneed</c>).
/// </summary>
internal static class WeakVersion
{
    private const uint GnuVersionNeeds = 0x6ffffffe;
    private const ushort WeakFlag = 2;

    /// <summary>Sets the flag in place.</summary>
    /// <param name="library">A 64-bit little-endian ELF file.</param>
    /// <param name="version">For instance <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>Was the version found among those that the library requires?</returns>
    /// <exception cref="InvalidDataException">The file is no such ELF file.</exception>
    public static bool Mark(Span<byte> library, string version)
    {
        try
        {
            if (!library.StartsWith("\u007fELF"u8) || library[4] != 2 || library[5] != 1)
                throw new InvalidDataException("Expected a 64-bit little-endian ELF file.");
            var sections = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(library[0x28..]));
            var sectionSize = BinaryPrimitives.ReadUInt16LittleEndian(library[0x3a..]);
            var sectionCount = BinaryPrimitives.ReadUInt16LittleEndian(library[0x3c..]);
            var found = false;
            for (var i = 0; i < sectionCount; i++)
            {
                var section = library[(sections + i * sectionSize)..];
                if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != GnuVersionNeeds)
                    continue;
                var linked = BinaryPrimitives.ReadInt32LittleEndian(section[40..]);
                var names = library[Offset(library[(sections + linked * sectionSize)..])..];
                found |= Mark(library[Offset(section)..], names, Encoding.ASCII.GetBytes(version));
            }
            return found;
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("The ELF file is cut off or damaged.", e);
        }
    }

    private static int Offset(ReadOnlySpan<byte> section) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(section[24..]));

    // A chain of needed files (vn_next), each with a chain of versions (vna_next); offsets are relative to the entry, 0 ends a chain.
    private static bool Mark(Span<byte> needs, ReadOnlySpan<byte> names, ReadOnlySpan<byte> version)
    {
        var found = false;
        for (var need = 0; ; )
        {
            for (var entry = need + BinaryPrimitives.ReadInt32LittleEndian(needs[(need + 8)..]); ; )
            {
                var name = names[BinaryPrimitives.ReadInt32LittleEndian(needs[(entry + 8)..])..];
                if (name.StartsWith(version) && name[version.Length] == 0)
                {
                    var flags = needs[(entry + 4)..];
                    BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | WeakFlag));
                    found = true;
                }
                var nextEntry = BinaryPrimitives.ReadInt32LittleEndian(needs[(entry + 12)..]);
                if (nextEntry <= 0)
                    break;
                entry += nextEntry;
            }
            var nextNeed = BinaryPrimitives.ReadInt32LittleEndian(needs[(need + 12)..]);
            if (nextNeed <= 0)
                return found;
            need += nextNeed;
        }
    }
}
