using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BertMl.Torch;

/// <summary>Products of matrices that fit into a core's cache, in float32: those of attention, a head and a row of text each.</summary>
internal static unsafe class SmallProducts
{
    /// <summary>C = A · B, or C += A · B.</summary>
    /// <param name="a">[rows, inner]; element (r, k) is at r × <paramref name="aRow"/> + k × <paramref name="aColumn"/>, so it may be a transposed
    /// matrix.</param>
    /// <param name="aRow">From a row of A to the next.</param>
    /// <param name="aColumn">From a column of A to the next.</param>
    /// <param name="b">[inner, columns].</param>
    /// <param name="bRow">From a row of B to the next.</param>
    /// <param name="c">[rows, columns].</param>
    /// <param name="cRow">From a row of C to the next.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="columns">Columns of B and C: whole vectors.</param>
    /// <param name="inner">Columns of A and rows of B.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, int rows, int columns, int inner)
    {
        const int lanes = VectorMath.Lanes;
        var column = 0;
        for (; column <= columns - 2 * lanes; column += 2 * lanes)
        {
            var row = 0;
            for (; row <= rows - 6; row += 6)
                Block6x2(a + row * aRow, aRow, aColumn, b + column, bRow, c + row * cRow + column, cRow, inner);
            for (; row < rows; row++)
                Block1x2(a + row * aRow, aColumn, b + column, bRow, c + row * cRow + column, inner);
        }
        if (column == columns)
            return;
        var r = 0;
        for (; r <= rows - 8; r += 8)
            Block8x1(a + r * aRow, aRow, aColumn, b + column, bRow, c + r * cRow + column, cRow, inner);
        for (; r < rows; r++)
            Block1x1(a + r * aRow, aColumn, b + column, bRow, c + r * cRow + column, inner);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block6x2(float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, int inner)
    {
        var (c00, c01, c10, c11) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var (c20, c21, c30, c31) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var (c40, c41, c50, c51) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var a3 = a + 3 * aRow;
        var aRow2 = 2 * aRow;
        for (var k = 0; k < inner; k++, a += aColumn, a3 += aColumn, b += bRow)
        {
            var (b0, b1) = (Vector512.Load(b), Vector512.Load(b + 16));
            var x = Vector512.Create(*a);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            x = Vector512.Create(a[aRow]);
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            x = Vector512.Create(a[aRow2]);
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            x = Vector512.Create(*a3);
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            x = Vector512.Create(a3[aRow]);
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
            x = Vector512.Create(a3[aRow2]);
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
        }
        Store(c, c00, c01);
        Store(c + cRow, c10, c11);
        Store(c + 2 * cRow, c20, c21);
        Store(c + 3 * cRow, c30, c31);
        Store(c + 4 * cRow, c40, c41);
        Store(c + 5 * cRow, c50, c51);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x2(float* a, nint aColumn, float* b, nint bRow, float* c, int inner)
    {
        var (c0, c1) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var k = 0; k < inner; k++, a += aColumn, b += bRow)
        {
            var x = Vector512.Create(*a);
            c0 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b), c0);
            c1 = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + 16), c1);
        }
        Store(c, c0, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8x1(float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, int inner)
    {
        var (c0, c1, c2, c3) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var (c4, c5, c6, c7) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var a4 = a + 4 * aRow;
        var aRow2 = 2 * aRow;
        var aRow3 = 3 * aRow;
        for (var k = 0; k < inner; k++, a += aColumn, a4 += aColumn, b += bRow)
        {
            var b0 = Vector512.Load(b);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(*a), b0, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[aRow]), b0, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[aRow2]), b0, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a[aRow3]), b0, c3);
            c4 = Vector512.FusedMultiplyAdd(Vector512.Create(*a4), b0, c4);
            c5 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[aRow]), b0, c5);
            c6 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[aRow2]), b0, c6);
            c7 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[aRow3]), b0, c7);
        }
        c0.Store(c);
        c1.Store(c + cRow);
        c2.Store(c + 2 * cRow);
        c3.Store(c + 3 * cRow);
        c4.Store(c + 4 * cRow);
        c5.Store(c + 5 * cRow);
        c6.Store(c + 6 * cRow);
        c7.Store(c + 7 * cRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1x1(float* a, nint aColumn, float* b, nint bRow, float* c, int inner)
    {
        var c0 = Vector512<float>.Zero;
        for (var k = 0; k < inner; k++, a += aColumn, b += bRow)
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(*a), Vector512.Load(b), c0);
        c0.Store(c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector512<float> c0, Vector512<float> c1)
    {
        c0.Store(c);
        c1.Store(c + 16);
    }

    /// <summary>target = sourceᵀ; columns of the target beyond the source's rows, up to whole vectors, become zeros.</summary>
    /// <param name="source">[rows, columns].</param>
    /// <param name="sourceRow">From a row of the source to the next.</param>
    /// <param name="rows">Rows of the source.</param>
    /// <param name="columns">Columns of the source: whole vectors.</param>
    /// <param name="target">[columns, rows].</param>
    /// <param name="targetRow">From a row of the target to the next: at least the rows of the source, in whole vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint sourceRow, int rows, int columns, float* target, nint targetRow)
    {
        for (var row = 0; row < rows; row += VectorMath.Lanes)
        for (var column = 0; column < columns; column += VectorMath.Lanes)
            Transpose16(source + row * sourceRow + column, sourceRow, Math.Min(VectorMath.Lanes, rows - row), target + column * targetRow + row, targetRow);
    }

    // Four rounds of exchanges: single elements, pairs, quadruples of 128 bits within, then between, the halves.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose16(float* source, nint sourceRow, int rows, float* target, nint targetRow)
    {
        if (!Avx512F.IsSupported)
        {
            for (var column = 0; column < 16; column++)
            for (var row = 0; row < 16; row++)
                target[column * targetRow + row] = row < rows ? source[row * sourceRow + column] : 0;
            return;
        }
        var t = stackalloc Vector512<float>[16];
        for (var i = 0; i < 16; i += 4)
        {
            var (r0, r1, r2, r3) = (
                Row(source, sourceRow, i, rows),
                Row(source, sourceRow, i + 1, rows),
                Row(source, sourceRow, i + 2, rows),
                Row(source, sourceRow, i + 3, rows)
            );
            var (low01, high01) = (Avx512F.UnpackLow(r0, r1).AsDouble(), Avx512F.UnpackHigh(r0, r1).AsDouble());
            var (low23, high23) = (Avx512F.UnpackLow(r2, r3).AsDouble(), Avx512F.UnpackHigh(r2, r3).AsDouble());
            // t[i + c]: column c, 4 + c, 8 + c, 12 + c (a lane of 128 bits each) of rows i to i + 3.
            t[i] = Avx512F.UnpackLow(low01, low23).AsSingle();
            t[i + 1] = Avx512F.UnpackHigh(low01, low23).AsSingle();
            t[i + 2] = Avx512F.UnpackLow(high01, high23).AsSingle();
            t[i + 3] = Avx512F.UnpackHigh(high01, high23).AsSingle();
        }
        for (var c = 0; c < 4; c++)
        {
            var (even01, odd01) = (Avx512F.Shuffle4x128(t[c], t[c + 4], 0x88), Avx512F.Shuffle4x128(t[c], t[c + 4], 0xDD));
            var (even23, odd23) = (Avx512F.Shuffle4x128(t[c + 8], t[c + 12], 0x88), Avx512F.Shuffle4x128(t[c + 8], t[c + 12], 0xDD));
            Avx512F.Shuffle4x128(even01, even23, 0x88).Store(target + c * targetRow);
            Avx512F.Shuffle4x128(odd01, odd23, 0x88).Store(target + (c + 4) * targetRow);
            Avx512F.Shuffle4x128(even01, even23, 0xDD).Store(target + (c + 8) * targetRow);
            Avx512F.Shuffle4x128(odd01, odd23, 0xDD).Store(target + (c + 12) * targetRow);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Row(float* source, nint sourceRow, int row, int rows) =>
        row < rows ? Vector512.Load(source + row * sourceRow) : Vector512<float>.Zero;
}
