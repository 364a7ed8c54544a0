using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// The memory of a CPU tensor, float32 or bfloat16, by rows. Kernels compute on rows of float32 that are a whole number of vectors: the tensor's own
/// memory where it is so, else a scratch row that is converted before and after.
/// </summary>
internal readonly unsafe struct Matrix
{
    private readonly byte* _data;
    private readonly bool _isHalf;

    public Matrix(Tensor x)
    {
        // All dimensions but the last are rows; a number is a row of one.
        Stride = x.dim() == 0 ? 1 : (int)x.shape[^1];
        Rows = Stride == 0 ? 0 : (int)(x.numel() / Stride);
        (_isHalf, Width) = (x.dtype == ScalarType.BFloat16, Stride);
        _data = x.numel() == 0 ? null : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(x.bytes));
    }

    public Matrix(Columns columns)
        : this(columns.Of) => this = Columns(columns.First, columns.Width);

    private Matrix(Matrix whole, int firstColumn, int width)
    {
        (Rows, Stride, Width, _isHalf) = (whole.Rows, whole.Stride, width, whole._isHalf);
        _data = whole._data + (nint)firstColumn * (_isHalf ? 2 : 4);
    }

    /// <summary>Some columns of the same memory.</summary>
    public Matrix Columns(int first, int width) => new(this, first, width);

    public int Rows { get; }

    public int Width { get; }

    /// <summary>Elements from a row to the next.</summary>
    public int Stride { get; }

    /// <summary>Elements of a scratch row: whole vectors.</summary>
    public int PaddedWidth => Padded(Width);

    /// <summary>Can rows be used in place?</summary>
    public bool IsDirect => !_isHalf && Width % VectorMath.Lanes == 0;

    public static int Padded(int width) => (width + VectorMath.Lanes - 1) / VectorMath.Lanes * VectorMath.Lanes;

    /// <summary>A row to read: its own memory or a copy in the scratch row, padded with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Read(int row, float* scratch)
    {
        if (IsDirect)
            return (float*)_data + (nint)row * Stride;
        Copy(row, scratch);
        return scratch;
    }

    /// <summary>Copies a row, padded with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Copy(int row, float* target)
    {
        var i = 0;
        if (_isHalf)
        {
            var source = (ushort*)_data + (nint)row * Stride;
            for (; i <= Width - VectorMath.Lanes; i += VectorMath.Lanes)
                VectorMath.Widen(source + i).Store(target + i);
            for (; i < Width; i++)
                target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        }
        else
        {
            var source = (float*)_data + (nint)row * Stride;
            Unsafe.CopyBlockUnaligned(target, source, (uint)Width * 4);
            i = Width;
        }
        for (; i < PaddedWidth; i++)
            target[i] = 0;
    }

    /// <summary>Where to write a row: its own memory, or the scratch row, which <see cref="Commit"/> then writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Write(int row, float* scratch) => IsDirect ? (float*)_data + (nint)row * Stride : scratch;

    /// <summary>Finishes what <see cref="Write"/> began.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Commit(int row, float* written)
    {
        if (!IsDirect)
            Store(row, written);
    }

    /// <summary>Writes a row from memory of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(int row, float* source)
    {
        if (!_isHalf)
        {
            Unsafe.CopyBlockUnaligned((float*)_data + (nint)row * Stride, source, (uint)Width * 4);
            return;
        }
        var target = (ushort*)_data + (nint)row * Stride;
        var i = 0;
        for (; i <= Width - VectorMath.Lanes; i += VectorMath.Lanes)
            VectorMath.Narrow(Vector512.Load(source + i), target + i);
        if (i == Width)
            return;
        var last = stackalloc ushort[VectorMath.Lanes];
        VectorMath.Narrow(Vector512.Load(source + i), last);
        for (var j = 0; i < Width; i++, j++)
            target[i] = last[j];
    }
}

/// <summary>Scratch memory of the calling thread.</summary>
internal static unsafe class Scratch
{
    [ThreadStatic]
    private static float[]? _block;

    /// <summary>Memory for a number of floats, of which nothing is known; the next call on this thread takes it back.</summary>
    public static float* Take(int count)
    {
        const int alignment = 64;
        if (_block is null || _block.Length < count + alignment / 4)
            _block = GC.AllocateUninitializedArray<float>(Math.Max(count, _block?.Length ?? 0) + alignment / 4, pinned: true);
        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_block));
        return (float*)((start + alignment - 1) & -alignment);
    }
}
