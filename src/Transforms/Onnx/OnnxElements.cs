using System.Globalization;
using System.Runtime.InteropServices;
using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>Writes the elements of constants. ONNX is little-endian, as every platform of ONNX Runtime is.</summary>
internal static class OnnxElements
{
    // A span of bytes ends at 2 GB.
    private const int Piece = 1 << 24;

    public static int Size(this OnnxElementType type) =>
        type switch
        {
            OnnxElementType.Int64 => sizeof(long),
            OnnxElementType.Float16 or OnnxElementType.BFloat16 => sizeof(ushort),
            OnnxElementType.Boolean => sizeof(bool),
            _ => sizeof(float),
        };

    public static void Write(Stream stream, ReadOnlySpan<long> values)
    {
        for (; values.Length > Piece; values = values[Piece..])
            stream.Write(MemoryMarshal.AsBytes(values[..Piece]));
        stream.Write(MemoryMarshal.AsBytes(values));
    }

    /// <summary>Writes numbers as elements of a constant's type.</summary>
    /// <exception cref="InvalidOperationException">A weight holds a number that the type cannot.</exception>
    public static void Write(Stream stream, OnnxInitializer tensor, Span<float> values)
    {
        var type = tensor.ElementType switch
        {
            OnnxElementType.Float16 => TensorElementType.F16,
            OnnxElementType.BFloat16 => TensorElementType.BF16,
            _ => TensorElementType.F32,
        };
        if (type != TensorElementType.F32)
            Fit(tensor, values, type);
        var bytes = type == TensorElementType.F32 ? [] : new byte[Math.Min(values.Length, Piece) * type.Size()];
        for (var rest = (ReadOnlySpan<float>)values; rest.Length > 0; rest = rest[Math.Min(rest.Length, Piece)..])
        {
            var part = rest[..Math.Min(rest.Length, Piece)];
            if (type == TensorElementType.F32)
            {
                stream.Write(MemoryMarshal.AsBytes(part));
                continue;
            }
            var written = bytes.AsSpan(0, part.Length * type.Size());
            TensorElements.FromFloat32(part, type, written);
            stream.Write(written);
        }
    }

    private static void Fit(OnnxInitializer tensor, Span<float> values, TensorElementType type)
    {
        // Numbers of the graph's own, such as the least float that hides a key.
        if (tensor.Shape.Length == 0)
        {
            foreach (ref var value in values)
                value = Math.Clamp(value, -type.Largest(), type.Largest());
            return;
        }
        if (type.TooLarge(values) is { } largest)
            throw new InvalidOperationException(
                $"Tensor '{tensor.Name}' holds {largest.ToString(CultureInfo.InvariantCulture)}, more than {type.Word()} can; compute in float32."
            );
    }
}
