using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>Writes safetensors files, one tensor in memory at a time.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Writes tensors in the order of their names as given.</summary>
    /// <param name="stream">Receives the file; it need not be able to seek.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="names">Which of them.</param>
    /// <param name="type">Element type of the file: F32, F16 or BF16.</param>
    /// <exception cref="InvalidOperationException">A tensor holds NaN or infinity, or a number that does not fit the element type.</exception>
    public static void Write(Stream stream, ITensors tensors, IReadOnlyList<string> names, TensorElementType type)
    {
        var infos = names.Select(name => tensors.Find(name)).ToList();
        stream.Write(Header(infos, type));
        var values = new float[infos.Count == 0 ? 0 : infos.Max(info => info.Count)];
        const int chunk = 1 << 20;
        var bytes = new byte[Math.Min(chunk, values.Length) * type.Size()];
        foreach (var info in infos)
        {
            var all = values.AsSpan(0, (int)info.Count);
            tensors.Read(info.Name, all);
            Check(info.Name, all, type);
            for (; all.Length > 0; all = all[Math.Min(chunk, all.Length)..])
            {
                var part = all[..Math.Min(chunk, all.Length)];
                var written = bytes.AsSpan(0, part.Length * type.Size());
                TensorElements.FromFloat32(part, type, written);
                stream.Write(written);
            }
        }
    }

    private static byte[] Header(List<TensorInfo> infos, TensorElementType type)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt"); // transformers refuses files without it
            json.WriteEndObject();
            long end = 0;
            foreach (var info in infos)
            {
                json.WriteStartObject(info.Name);
                json.WriteString("dtype", type.Name());
                WriteSizes(json, "shape", info.Shape);
                WriteSizes(json, "data_offsets", [end, end += info.Count * type.Size()]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Padded with spaces so that the tensors are aligned.
        var length = (buffer.WrittenCount + 7) / 8 * 8;
        var header = new byte[SafetensorsHeader.PrefixLength + length];
        header.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        buffer.WrittenSpan.CopyTo(header.AsSpan(SafetensorsHeader.PrefixLength));
        return header;
    }

    private static void WriteSizes(Utf8JsonWriter json, string name, IEnumerable<long> sizes)
    {
        json.WriteStartArray(name);
        foreach (var size in sizes)
            json.WriteNumberValue(size);
        json.WriteEndArray();
    }

    private static void Check(string name, ReadOnlySpan<float> values, TensorElementType type)
    {
        if (!FiniteWeights.IsTrueOf(values))
            throw new InvalidOperationException($"Tensor '{name}' holds values that are not finite (NaN or infinity): it is not saved.");
        if (type.TooLarge(values) is { } largest)
            throw new InvalidOperationException(
                $"Tensor '{name}' holds {largest.ToString(CultureInfo.InvariantCulture)}, more than {type.Word()} can; write it as float32."
            );
    }
}
