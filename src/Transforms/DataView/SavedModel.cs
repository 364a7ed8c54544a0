using System.Text;
using BertMl.Files;

namespace BertMl.DataView;

/// <summary>How a component's part of a saved ML.NET model is recognized.</summary>
/// <param name="Signature">Eight characters that start the part.</param>
/// <param name="Version">Version of the layout that is written.</param>
/// <param name="OldestReadable">Oldest version that can still be read.</param>
/// <param name="LoaderName">Name by which ML.NET finds the loader; at most 24 characters.</param>
internal sealed record ModelFormat(string Signature, uint Version, uint OldestReadable, string LoaderName);

/// <summary>
/// Writes a component's part of a saved model: a main stream for options, and entries of their own for what is large. The main stream has length and
/// CRC-32C of what follows; that is the number of entries, for each its name, length and CRC-32C, and then the options.
/// </summary>
/// <param name="main">The main stream.</param>
/// <param name="saveEntry">Writes an entry beside the main stream.</param>
internal sealed class ModelWriter(BinaryWriter main, Action<string, Action<BinaryWriter>> saveEntry)
{
    private readonly List<(string Name, Checksum Checksum)> _entries = [];

    /// <summary>The options.</summary>
    public BinaryWriter Main { get; } = new(new MemoryStream());

    /// <summary>Writes an entry of the zip file.</summary>
    public void Entry(string name, Action<Stream> write) =>
        saveEntry(
            name,
            writer =>
            {
                writer.Flush();
                using var stream = new ChecksumStream(writer.BaseStream);
                write(stream);
                _entries.Add((name, stream.Checksum));
            }
        );

    /// <summary>Writes a string that may be null.</summary>
    public void Optional(string? value)
    {
        Main.Write(value is not null);
        if (value is not null)
            Main.Write(value);
    }

    /// <summary>Writes the main stream; to be called last.</summary>
    public void Complete()
    {
        using var content = new MemoryStream();
        using (var writer = new BinaryWriter(content, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(_entries.Count);
            foreach (var (name, checksum) in _entries)
            {
                writer.Write(name);
                writer.Write(checksum.Length);
                writer.Write(checksum.Crc32C);
            }
            Main.Flush();
            writer.Write(((MemoryStream)Main.BaseStream).ToArray());
        }
        var bytes = content.ToArray();
        main.Write(bytes.Length);
        main.Write(Crc32C.Of(bytes));
        main.Write(bytes);
    }
}

/// <summary>
/// Reads what <see cref="ModelWriter"/> wrote. The file may come from anywhere, so sizes are checked before memory is taken, and checksums before anything
/// is read.
/// </summary>
internal sealed class ModelReader
{
    /// <summary>The most bytes of a tokenizer's entry.</summary>
    public const int GreatestTokenizer = 1 << 28;
    private const int GreatestMain = 1 << 28;

    private readonly Func<string, Action<BinaryReader>, bool> _loadEntry;
    private readonly Dictionary<string, Checksum> _entries = new(StringComparer.Ordinal);

    /// <param name="main">The main stream.</param>
    /// <param name="loadEntry">Reads an entry beside the main stream; false where there is none.</param>
    /// <exception cref="FormatException">The main stream is damaged.</exception>
    public ModelReader(BinaryReader main, Func<string, Action<BinaryReader>, bool> loadEntry)
    {
        _loadEntry = loadEntry;
        var (length, checksum) = (main.ReadInt32(), main.ReadUInt32());
        if (length is < 0 or > GreatestMain)
            throw Damaged("its options");
        var bytes = main.ReadBytes(length);
        if (bytes.Length != length || Crc32C.Of(bytes) != checksum)
            throw Damaged("its options");
        Main = new(new MemoryStream(bytes));
        for (var left = Count("the number of its entries", 0, byte.MaxValue); left > 0; left--)
            _entries[Main.ReadString()] = new(Main.ReadInt64(), Main.ReadUInt32());
    }

    /// <summary>The options.</summary>
    public BinaryReader Main { get; }

    /// <summary>Have all options been read? Older versions of a format may have fewer.</summary>
    public bool IsAtEnd => Main.BaseStream.Position == Main.BaseStream.Length;

    /// <summary>Reads an entry of the zip file, as a seekable stream, after its checksum was found right.</summary>
    /// <exception cref="FormatException">The file has no such entry, or it is damaged.</exception>
    public T Entry<T>(string name, Func<Stream, T> read)
    {
        T? result = default;
        if (
            !_entries.TryGetValue(name, out var expected)
            || !_loadEntry(
                name,
                reader =>
                {
                    var stream = reader.BaseStream;
                    var start = stream.Position;
                    if (stream.Length - start != expected.Length || Checksum.Of(stream) != expected)
                        throw Damaged($"its entry '{name}'");
                    stream.Position = start;
                    result = read(stream);
                }
            )
        )
            throw new FormatException($"The saved model has no entry '{name}'.");
        return result!;
    }

    /// <summary>Reads a whole entry.</summary>
    /// <exception cref="FormatException">There is no such entry, it is damaged, or it is longer than <paramref name="maximumLength"/> bytes.</exception>
    public byte[] Bytes(string name, int maximumLength) =>
        Entry(
            name,
            stream =>
            {
                if (stream.Length > maximumLength)
                    throw new FormatException($"Entry '{name}' of the saved model has {stream.Length} bytes; at most {maximumLength} were expected.");
                var bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                return bytes;
            }
        );

    /// <summary>Reads a string that may be null.</summary>
    public string? Optional() => Main.ReadBoolean() ? Main.ReadString() : null;

    /// <summary>Reads a count and checks it.</summary>
    /// <exception cref="FormatException">It is not within the bounds.</exception>
    public int Count(string what, int minimum, int maximum)
    {
        var count = Main.ReadInt32();
        return count >= minimum && count <= maximum
            ? count
            : throw new FormatException($"The saved model says that {what} is {count}; it must be from {minimum} to {maximum}.");
    }

    private static FormatException Damaged(string part) => new($"The saved model is damaged: the checksum of {part} is wrong. Copy or save it again.");
}
