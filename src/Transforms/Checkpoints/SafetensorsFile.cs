using System.Runtime.InteropServices;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>A safetensors file, mapped into memory: opening it reads the header only.</summary>
internal sealed class SafetensorsFile : ITensors
{
    private readonly MappedFile _file;
    private readonly Dictionary<string, TensorInfo> _infos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);

    private SafetensorsFile(MappedFile file)
    {
        _file = file;
        file.RefuseForeignContent();
        using var prefix = file.Bytes(0, (int)Math.Min(SafetensorsHeader.PrefixLength, file.Length));
        var length = SafetensorsHeader.JsonLength(prefix.Span, file.Length, file.Path);
        using var json = file.Bytes(SafetensorsHeader.PrefixLength, length);
        var start = SafetensorsHeader.PrefixLength + length;
        foreach (var entry in SafetensorsHeader.Parse(json.Span, file.Length - start, file.Path))
        {
            _infos.Add(entry.Info.Name, entry.Info);
            _offsets.Add(entry.Info.Name, start + entry.Begin);
        }
    }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a valid safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = new MappedFile(path);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public IReadOnlyDictionary<string, TensorInfo> Infos => _infos;

    public void Read(string name, Span<float> destination)
    {
        var info = this.Find(name, destination);
        _file.Read(_offsets[name], info.ElementType, destination);
    }

    /// <summary>Reads a tensor of 64-bit integers (ids, labels).</summary>
    /// <exception cref="InvalidOperationException">The tensor has another element type.</exception>
    public long[] ReadInt64(string name)
    {
        var info = this.Find(name);
        if (info.ElementType != TensorElementType.I64)
            throw new InvalidOperationException($"Tensor '{name}' has the element type {info.ElementType.Name()}, not I64.");
        var values = new long[info.Count];
        using var bytes = _file.Bytes(_offsets[name], checked(values.Length * sizeof(long)));
        bytes.Span.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    public void Dispose() => _file.Dispose();
}
