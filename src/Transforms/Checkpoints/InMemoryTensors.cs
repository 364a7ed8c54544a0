using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>Tensors in memory, each an array of float32.</summary>
internal sealed class InMemoryTensors : ITensors
{
    private readonly Dictionary<string, TensorInfo> _infos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> _values = new(StringComparer.Ordinal);

    /// <summary>Adds a tensor; the array is kept, not copied.</summary>
    /// <exception cref="ArgumentException">The name is there already, or the values are not as many as the shape says.</exception>
    public void Add(string name, IEnumerable<int> shape, float[] values)
    {
        var info = new TensorInfo(name, TensorElementType.F32, [.. shape.Select(size => (long)size)]);
        if (info.Count != values.Length)
            throw new ArgumentException($"Tensor '{name}' of shape [{string.Join(", ", info.Shape)}] was given {values.Length} values.", nameof(values));
        _infos.Add(name, info);
        _values.Add(name, values);
    }

    /// <summary>Reads a safetensors file from a stream, to the end of its tensors.</summary>
    /// <param name="stream">The stream; it need not be able to seek.</param>
    /// <param name="source">Name of the stream, for messages.</param>
    /// <param name="expected">The shapes of the tensors that it may have, by name; null (the default): any.</param>
    /// <exception cref="InvalidDataException">It is not a valid safetensors file, it ends early, or a tensor is not as expected.</exception>
    public static InMemoryTensors Read(Stream stream, string source, IReadOnlyDictionary<string, IReadOnlyList<int>>? expected = null)
    {
        var tensors = new InMemoryTensors();
        try
        {
            var prefix = new byte[SafetensorsHeader.PrefixLength];
            stream.ReadExactly(prefix);
            var json = ReadBytes(stream, SafetensorsHeader.JsonLength(prefix, null, source));
            var entries = SafetensorsHeader.Parse(json, null, source);
            // Before memory is taken for values.
            foreach (var (info, _, _) in entries)
            {
                if (expected is not null && !(expected.TryGetValue(info.Name, out var shape) && info.Shape.SequenceEqual(shape.Select(size => (long)size))))
                    throw new InvalidDataException(
                        $"{source}: tensor '{Excerpt.Of(info.Name)}' of shape [{Excerpt.Of(info.Shape)}] is none of the model's parameters."
                    );
            }
            foreach (var (info, _, _) in entries)
            {
                if (info.Count > Array.MaxLength)
                    throw SafetensorsHeader.Invalid(source, $"tensor '{Excerpt.Of(info.Name)}' has {info.Count} elements, too many for memory");
                tensors._infos.Add(info.Name, info with { ElementType = TensorElementType.F32 });
                tensors._values.Add(info.Name, ReadValues(stream, info));
            }
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"{source}: the safetensors file is cut short.", e);
        }
        return tensors;
    }

    public IReadOnlyDictionary<string, TensorInfo> Infos => _infos;

    public void Read(string name, Span<float> destination)
    {
        _ = this.Find(name, destination);
        _values[name].CopyTo(destination);
    }

    public ReadOnlyMemory<float> Values(string name)
    {
        _ = this.Find(name);
        return _values[name];
    }

    public void Dispose() { }

    // The arrays grow with what the stream really has: lengths that are not true take no memory.
    private static byte[] ReadBytes(Stream stream, int count)
    {
        const int first = 1 << 16;
        var bytes = new byte[Math.Min(count, first)];
        for (var read = 0; read < count; read = bytes.Length)
        {
            if (read > 0)
                Array.Resize(ref bytes, (int)Math.Min(count, 2L * read));
            stream.ReadExactly(bytes.AsSpan(read));
        }
        return bytes;
    }

    private static float[] ReadValues(Stream stream, TensorInfo info)
    {
        const int chunk = 1 << 20;
        var values = new float[Math.Min(info.Count, chunk)];
        var bytes = new byte[(int)Math.Min(info.Count, chunk) * info.ElementType.Size()];
        for (long done = 0; done < info.Count; )
        {
            var count = (int)Math.Min(chunk, info.Count - done);
            var part = bytes.AsSpan(0, count * info.ElementType.Size());
            stream.ReadExactly(part);
            if (done + count > values.Length)
                Array.Resize(ref values, (int)Math.Min(info.Count, values.Length * 2L));
            TensorElements.ToFloat32(part, info.ElementType, values.AsSpan((int)done, count));
            done += count;
        }
        return values;
    }
}
