using System.IO.MemoryMappedFiles;

namespace BertMl.Files;

/// <summary>A file mapped into memory for reading. Thread-safe.</summary>
internal sealed class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;

    /// <summary>Maps a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a pipe or a device.</exception>
    public MappedFile(string path)
    {
        Path = path;
        using var stream = InputFile.Open(path);
        Length = stream.Length;
        // An empty file cannot be mapped.
        if (Length == 0)
            return;
        _map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
    }

    /// <summary>The file's path, for messages.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Keeps the mapping alive while some of its bytes are looked at.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not within the file.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public Lease Bytes(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new Lease(_view, offset, length);
    }

    /// <summary>Refuses a file that is not what its name says: see <see cref="ForeignContent"/>.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public void RefuseForeignContent()
    {
        using var start = Bytes(0, (int)Math.Min(ForeignContent.StartLength, Length));
        ForeignContent.Refuse(start.Span, Path);
    }

    public void Dispose()
    {
        _view?.Dispose();
        _map?.Dispose();
    }

    /// <summary>Bytes of the file, valid until disposed.</summary>
    public readonly unsafe ref struct Lease
    {
        private readonly MemoryMappedViewAccessor? _view;

        internal Lease(MemoryMappedViewAccessor? view, long offset, int length)
        {
            if (view is null)
                return;
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            _view = view;
            Span = new(start + view.PointerOffset + offset, length);
        }

        /// <summary>The bytes.</summary>
        public ReadOnlySpan<byte> Span { get; }

        /// <summary>Lets the mapping go.</summary>
        public void Dispose() => _view?.SafeMemoryMappedViewHandle.ReleasePointer();
    }
}
