using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BertMl.Networks;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>The kernels for the CPU: each one pass over memory where torch's operations would make several, on all cores, with sums in a fixed order.</summary>
internal sealed unsafe partial class CpuKernels : Kernels
{
    // About this many elements are worth a thread's while.
    private const int Grain = 1 << 14;

    // Compiled at its best at once: a loop over a whole tensor should not wait for its thirtieth call.
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    private Tensor Empty(long rows, long width, ScalarType? type = null) => empty(rows, width, dtype: type ?? OperandType);

    private static int RowGrain(int width) => Math.Max(1, Grain / Math.Max(1, width));

    public override Tensor ToOperand(Tensor x)
    {
        if (x.dtype == OperandType)
            return x;
        var result = empty(x.shape, dtype: OperandType);
        var (source, target) = (new Matrix(x), new Matrix(result));
        CpuThreads.For(
            source.Rows,
            RowGrain(source.Width),
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                var scratch = Scratch.Take(source.PaddedWidth);
                for (var row = start; row < end; row++)
                    target.Store(row, source.Read(row, scratch));
            }
        );
        return result;
    }

    public override Tensor Gather(Tensor table, int[] rows)
    {
        var count = (ulong)table.shape[0];
        foreach (var row in rows)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)row, count, nameof(rows));
        var result = Empty(rows.Length, table.shape[1], table.dtype);
        var bytes = (int)(table.shape[1] * table.element_size());
        var source = Pointer(table);
        var target = Pointer(result);
        CpuThreads.For(
            rows.Length,
            RowGrain((int)table.shape[1]),
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                for (var i = start; i < end; i++)
                    Unsafe.CopyBlockUnaligned(target + (nint)i * bytes, source + (nint)rows[i] * bytes, (uint)bytes);
            }
        );
        return result;
    }

    public override void ScatterAdd(Tensor table, int[] rows, Tensor x, int? skippedRow = null)
    {
        // Ranges are of columns: each sum is made by one thread, in the order of the rows.
        var target = (float*)Pointer(table);
        var source = new Matrix(x);
        var width = source.Width;
        CpuThreads.For(
            width,
            Math.Max(64, Grain / Math.Max(1, rows.Length)),
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                var scratch = Scratch.Take(source.PaddedWidth);
                for (var i = 0; i < rows.Length; i++)
                {
                    if (rows[i] == skippedRow)
                        continue;
                    var from = source.Read(i, scratch);
                    var to = target + (nint)rows[i] * width;
                    var column = start;
                    for (; column <= end - VectorMath.Lanes; column += VectorMath.Lanes)
                        (Vector512.Load(to + column) + Vector512.Load(from + column)).Store(to + column);
                    for (; column < end; column++)
                        to[column] += from[column];
                }
            }
        );
    }

    public override Tensor Add(Tensor a, Tensor b)
    {
        var result = empty(a.shape, dtype: ScalarType.Float32);
        var (first, second, target) = (new Matrix(a), new Matrix(b), new Matrix(result));
        CpuThreads.For(
            first.Rows,
            RowGrain(first.Width),
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                var padded = first.PaddedWidth;
                var scratch = Scratch.Take(3 * first.PaddedWidth);
                for (var row = start; row < end; row++)
                {
                    var x = first.Read(row, scratch);
                    var y = second.Read(row, scratch + padded);
                    var sum = target.Write(row, scratch + 2 * padded);
                    for (var i = 0; i < padded; i += VectorMath.Lanes)
                        (Vector512.Load(x + i) + Vector512.Load(y + i)).Store(sum + i);
                    target.Commit(row, sum);
                }
            }
        );
        return result;
    }

    public override void AddTo(Tensor sum, Tensor x, bool replace)
    {
        var (source, target) = (new Matrix(x), new Matrix(sum));
        CpuThreads.For(
            source.Rows,
            RowGrain(source.Width),
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                var padded = source.PaddedWidth;
                var scratch = Scratch.Take(2 * source.PaddedWidth);
                for (var row = start; row < end; row++)
                {
                    var from = source.Read(row, scratch);
                    if (!replace)
                    {
                        var before = target.Read(row, scratch + padded);
                        for (var i = 0; i < padded; i += VectorMath.Lanes)
                            (Vector512.Load(before + i) + Vector512.Load(from + i)).Store(scratch + padded + i);
                        from = scratch + padded;
                    }
                    target.Store(row, from);
                }
            }
        );
    }

    public override void AddRowsTo(Tensor sum, Tensor x, bool replace)
    {
        var source = new Matrix(x);
        var padded = source.PaddedWidth;
        using var sums = zeros(CpuThreads.RangeCount(source.Rows, RowGrain(source.Width)), padded, dtype: ScalarType.Float32);
        var partial = (float*)Pointer(sums);
        var ranges = CpuThreads.For(
            source.Rows,
            RowGrain(source.Width),
            [MethodImpl(Hot)]
            (start, end, range) =>
            {
                var scratch = Scratch.Take(padded);
                var target = partial + (nint)range * padded;
                for (var row = start; row < end; row++)
                {
                    var from = source.Read(row, scratch);
                    for (var i = 0; i < padded; i += VectorMath.Lanes)
                        (Vector512.Load(target + i) + Vector512.Load(from + i)).Store(target + i);
                }
            }
        );
        Reduce(partial, ranges, padded, new Matrix(sum), replace);
    }

    // Adds up the ranges' sums in their order.
    [MethodImpl(Hot)]
    private static void Reduce(float* partial, int ranges, int stride, Matrix sum, bool replace)
    {
        var scratch = Scratch.Take(2 * sum.PaddedWidth);
        var before = sum.Read(0, scratch);
        var total = scratch + sum.PaddedWidth;
        for (var i = 0; i < sum.PaddedWidth; i += VectorMath.Lanes)
        {
            var value = replace ? Vector512<float>.Zero : Vector512.Load(before + i);
            for (var range = 0; range < ranges; range++)
                value += Vector512.Load(partial + (nint)range * stride + i);
            value.Store(total + i);
        }
        sum.Store(0, total);
    }

    public override Tensor Drop(Tensor x, Dropout dropout)
    {
        if (!dropout.IsActive)
            return x;
        var result = empty(x.shape, dtype: x.dtype);
        var (source, target) = (new Matrix(x), new Matrix(result));
        CpuThreads.For(
            source.Rows,
            RowGrain(source.Width),
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                var padded = source.PaddedWidth;
                var scratch = Scratch.Take(2 * source.PaddedWidth);
                for (var row = start; row < end; row++)
                {
                    var from = source.Read(row, scratch);
                    var to = target.Write(row, scratch + padded);
                    for (var i = 0; i < padded; i += VectorMath.Lanes)
                        (Vector512.Load(from + i) * VectorMath.Factors(dropout, (uint)(row * source.Width + i))).Store(to + i);
                    target.Commit(row, to);
                }
            }
        );
        return result;
    }

    public override Tensor Probabilities(Attention attention) => new PlainKernels { OperandType = OperandType }.Probabilities(attention);

    private static byte* Pointer(Tensor x) => x.numel() == 0 ? null : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(x.bytes));
}
