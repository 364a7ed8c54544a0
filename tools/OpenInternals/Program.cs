// OpenInternals FOLDER ASSEMBLY...
// Writes into FOLDER a copy of each assembly in which internal types, methods and fields are public. The copies are for the compiler only:
// they are never shipped or loaded. BertMl.Transforms is compiled against them (and marked IgnoresAccessChecksTo), because the attribute by
// which ML.NET finds the loaders of saved models is internal. Only the visibility bits in three metadata tables change (ECMA-335, II.22 and II.23.1).
using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: OpenInternals FOLDER ASSEMBLY...");
    return 1;
}
Directory.CreateDirectory(args[0]);
foreach (var path in args.AsSpan(1))
{
    var target = Path.Combine(args[0], Path.GetFileName(path));
    // Written beside and renamed: a build that is stopped, or another one at the same time, never leaves half a file.
    var temporary = $"{target}.{Environment.ProcessId}.tmp";
    File.WriteAllBytes(temporary, Open(File.ReadAllBytes(path)));
    File.Move(temporary, target, overwrite: true);
}
return 0;

static byte[] Open(byte[] assembly)
{
    using var image = new PEReader(new MemoryStream(assembly));
    var metadata = image.GetMetadataReader();
    var start = image.PEHeaders.MetadataStartOffset;
    Patch(TableIndex.TypeDef, 0, OpenType);
    Patch(TableIndex.MethodDef, 6, OpenMember); // after RVA (4 bytes) and ImplFlags (2 bytes)
    Patch(TableIndex.Field, 0, OpenMember);
    return assembly;

    // The visibility is in the lowest three bits of the flags, which are little-endian in every table.
    void Patch(TableIndex table, int flagsOffset, Func<int, int> open)
    {
        var size = metadata.GetTableRowSize(table);
        var flags = start + metadata.GetTableMetadataOffset(table) + flagsOffset;
        for (var row = 0; row < metadata.GetTableRowCount(table); row++, flags += size)
        {
            var value = BinaryPrimitives.ReadUInt16LittleEndian(assembly.AsSpan(flags));
            BinaryPrimitives.WriteUInt16LittleEndian(assembly.AsSpan(flags), (ushort)((value & ~7) | open(value & 7)));
        }
    }
}

static int OpenType(int visibility) =>
    visibility switch
    {
        0 => 1, // NotPublic: Public
        5 => 2, // NestedAssembly: NestedPublic
        6 => 4, // NestedFamANDAssem: NestedFamily
        _ => visibility,
    };

static int OpenMember(int visibility) =>
    visibility switch
    {
        2 => 4, // FamANDAssem: Family
        3 => 6, // Assembly: Public
        _ => visibility,
    };
