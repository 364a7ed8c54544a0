using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace BertMl.Networks;

/// <summary>Element types of checkpoints, by the names of safetensors.</summary>
public enum TensorElementType
{
    /// <summary>64-bit floating point.</summary>
    F64,

    /// <summary>32-bit floating point.</summary>
    F32,

    /// <summary>16-bit floating point (IEEE half).</summary>
    F16,

    /// <summary>The upper half of a 32-bit floating point number.</summary>
    BF16,

    /// <summary>64-bit integer.</summary>
    I64,

    /// <summary>32-bit integer.</summary>
    I32,

    /// <summary>16-bit integer.</summary>
    I16,

    /// <summary>8-bit integer.</summary>
    I8,

    /// <summary>8-bit unsigned integer.</summary>
    U8,

    /// <summary>One byte a value, 0 or 1.</summary>
    Bool,

    /// <summary>8-bit floating point, 4 bits of exponent and 3 of mantissa, without infinities (PyTorch's float8_e4m3fn). Read, not written.</summary>
    F8E4M3,

    /// <summary>8-bit floating point, 5 bits of exponent and 2 of mantissa: the upper byte of an F16 (PyTorch's float8_e5m2). Read, not written.</summary>
    F8E5M2,

    /// <summary>64-bit unsigned integer.</summary>
    U64,

    /// <summary>32-bit unsigned integer.</summary>
    U32,

    /// <summary>16-bit unsigned integer.</summary>
    U16,
}

/// <summary>Conversion between stored elements and float32.</summary>
internal static class TensorElements
{
    private static readonly float[] _float8E4M3 = [.. Enumerable.Range(0, 256).Select(Float8E4M3)];
    private static readonly float[] _float8E5M2 = [.. Enumerable.Range(0, 256).Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)(bits << 8)))];

    /// <summary>The type's name in safetensors.</summary>
    public static string Name(this TensorElementType type) =>
        type switch
        {
            TensorElementType.Bool => "BOOL",
            TensorElementType.F8E4M3 => "F8_E4M3",
            TensorElementType.F8E5M2 => "F8_E5M2",
            _ => type.ToString(),
        };

    /// <summary>Bytes of one element.</summary>
    public static int Size(this TensorElementType type) =>
        type switch
        {
            TensorElementType.F64 or TensorElementType.I64 or TensorElementType.U64 => 8,
            TensorElementType.F32 or TensorElementType.I32 or TensorElementType.U32 => 4,
            TensorElementType.F16 or TensorElementType.BF16 or TensorElementType.I16 or TensorElementType.U16 => 2,
            _ => 1,
        };

    /// <summary>What the type is called in messages, of those that weights are written in.</summary>
    public static string Word(this TensorElementType type) =>
        type switch
        {
            TensorElementType.F16 => "float16",
            TensorElementType.BF16 => "bfloat16",
            _ => "float32",
        };

    /// <summary>The largest number, of the types that weights are written in.</summary>
    public static float Largest(this TensorElementType type) =>
        type switch
        {
            TensorElementType.F16 => (float)Half.MaxValue,
            TensorElementType.BF16 => 3.3895314e38f,
            _ => float.MaxValue,
        };

    /// <summary>The largest magnitude among numbers, where it is more than the type can hold; else null.</summary>
    public static float? TooLarge(this TensorElementType type, ReadOnlySpan<float> values) =>
        values.IsEmpty || Math.Abs(TensorPrimitives.MaxMagnitude(values)) is var largest && largest <= type.Largest() ? null : largest;

    /// <summary>Converts little-endian elements to float32.</summary>
    public static void ToFloat32(ReadOnlySpan<byte> source, TensorElementType type, Span<float> destination)
    {
        switch (type)
        {
            case TensorElementType.F64:
                Convert<double>(source, destination);
                break;
            case TensorElementType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case TensorElementType.F16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination);
                break;
            case TensorElementType.BF16:
                BFloat16ToFloat32(MemoryMarshal.Cast<byte, ushort>(source), MemoryMarshal.Cast<float, uint>(destination));
                break;
            case TensorElementType.I64:
                Convert<long>(source, destination);
                break;
            case TensorElementType.I32:
                Convert<int>(source, destination);
                break;
            case TensorElementType.I16:
                Convert<short>(source, destination);
                break;
            case TensorElementType.U64:
                Convert<ulong>(source, destination);
                break;
            case TensorElementType.U32:
                Convert<uint>(source, destination);
                break;
            case TensorElementType.U16:
                Convert<ushort>(source, destination);
                break;
            case TensorElementType.I8:
                Convert<sbyte>(source, destination);
                break;
            case TensorElementType.F8E4M3:
                LookUp(_float8E4M3, source, destination);
                break;
            case TensorElementType.F8E5M2:
                LookUp(_float8E5M2, source, destination);
                break;
            default:
                Convert<byte>(source, destination);
                break;
        }
    }

    /// <summary>Rounds float32 to F32, F16 or BF16, to nearest, ties to even.</summary>
    public static void FromFloat32(ReadOnlySpan<float> source, TensorElementType type, Span<byte> destination)
    {
        switch (type)
        {
            case TensorElementType.F32:
                MemoryMarshal.AsBytes(source).CopyTo(destination);
                break;
            case TensorElementType.F16:
                TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination));
                break;
            case TensorElementType.BF16:
                Float32ToBFloat16(source, MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Weights are written as F32, F16 or BF16.");
        }
    }

    private static void Convert<T>(ReadOnlySpan<byte> source, Span<float> destination)
        where T : unmanaged, INumberBase<T> => TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, T>(source), destination);

    private static void LookUp(float[] values, ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
            destination[i] = values[source[i]];
    }

    // The largest number of bits but the sign is NaN, and there is no infinity.
    private static float Float8E4M3(int bits)
    {
        var (exponent, mantissa) = ((bits >> 3) & 15, bits & 7);
        var value =
            (bits & 127) == 127 ? float.NaN
            : exponent == 0 ? MathF.ScaleB(mantissa, -9)
            : MathF.ScaleB(8 + mantissa, exponent - 10);
        return bits < 128 ? value : -value;
    }

    private static void BFloat16ToFloat32(ReadOnlySpan<ushort> source, Span<uint> destination)
    {
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            (low << 16).CopyTo(destination[i..]);
            (high << 16).CopyTo(destination[(i + Vector<uint>.Count)..]);
        }
        for (; i < source.Length; i++)
            destination[i] = (uint)source[i] << 16;
    }

    private static void Float32ToBFloat16(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(source[i]);
            // Rounding would carry a NaN whose upper half is all ones over into another number.
            destination[i] = (ushort)(float.IsNaN(source[i]) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
