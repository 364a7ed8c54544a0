namespace BertMl.DataView;

/// <summary>How a component's part of a saved ML.NET model is recognized.</summary>
/// <param name="Signature">Eight characters that start the part.</param>
/// <param name="Version">Version of the layout that is written.</param>
/// <param name="OldestReadable">Oldest version that can still be read.</param>
/// <param name="LoaderName">Name by which ML.NET finds the loader; at most 24 characters.</param>
internal sealed record ModelFormat(string Signature, uint Version, uint OldestReadable, string LoaderName);

/// <summary>Writes a component's part of a saved model: a main stream for options, and entries of their own for what is large.</summary>
/// <param name="main">The main stream.</param>
/// <param name="saveEntry">Writes an entry beside the main stream.</param>
internal sealed class ModelWriter(BinaryWriter main, Action<string, Action<BinaryWriter>> saveEntry)
{
    /// <summary>The main stream.</summary>
    public BinaryWriter Main => main;

    /// <summary>Writes an entry of the zip file.</summary>
    public void Entry(string name, Action<Stream> write) =>
        saveEntry(
            name,
            writer =>
            {
                writer.Flush();
                write(writer.BaseStream);
            }
        );

    /// <summary>Writes a string that may be null.</summary>
    public void Optional(string? value)
    {
        main.Write(value is not null);
        if (value is not null)
            main.Write(value);
    }
}

/// <summary>Reads what <see cref="ModelWriter"/> wrote. The file may come from anywhere, so sizes are checked before memory is taken.</summary>
/// <param name="main">The main stream.</param>
/// <param name="loadEntry">Reads an entry beside the main stream; false where there is none.</param>
internal sealed class ModelReader(BinaryReader main, Func<string, Action<BinaryReader>, bool> loadEntry)
{
    /// <summary>The main stream.</summary>
    public BinaryReader Main => main;

    /// <summary>Reads an entry of the zip file, as a seekable stream.</summary>
    /// <exception cref="FormatException">The file has no such entry.</exception>
    public T Entry<T>(string name, Func<Stream, T> read)
    {
        T? result = default;
        if (!loadEntry(name, reader => result = read(reader.BaseStream)))
            throw new FormatException($"The saved model has no entry '{name}'.");
        return result!;
    }

    /// <summary>Reads a whole entry.</summary>
    /// <exception cref="FormatException">There is no such entry, or it is longer than <paramref name="maximumLength"/> bytes.</exception>
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
    public string? Optional() => main.ReadBoolean() ? main.ReadString() : null;

    /// <summary>Reads a count and checks it.</summary>
    /// <exception cref="FormatException">It is not within the bounds.</exception>
    public int Count(string what, int minimum, int maximum)
    {
        var count = main.ReadInt32();
        return count >= minimum && count <= maximum
            ? count
            : throw new FormatException($"The saved model says that {what} is {count}; it must be from {minimum} to {maximum}.");
    }
}
