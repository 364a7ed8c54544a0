using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// Attention, a head and a row of text at a time, all of it in a core's cache: scores, softmax, dropout and products without a pass over memory in between. The
/// backward pass computes the probabilities again from the logarithms of their sums (Dao et al. 2022), so nothing of size length × length is kept.
/// </summary>
internal sealed unsafe partial class CpuKernels
{
    public override Attended Attend(Attention attention)
    {
        var result = new Attended(Empty(attention.Queries.Count, attention.Query.Width), Empty(attention.Queries.Count, attention.Heads, ScalarType.Float32));
        var (query, key, value) = (new Matrix(attention.Query), new Matrix(attention.Key), new Matrix(attention.Value));
        var target = new Matrix(result.Value);
        var logSums = (float*)Pointer(result.Saved);
        var (width, heads) = (attention.HeadWidth, attention.Heads);
        ForHeads(
            attention,
            [MethodImpl(Hot)]
            (head, queries, keys) =>
            {
                var (padded, keyPadded, columns) = (Matrix.Padded(width), Matrix.Padded(keys.Count), head * width);
                var scratch = new Allocator(Scratch.Take(2 * (queries.Count + keys.Count) * padded + keyPadded * padded + queries.Count * keyPadded));
                var q = new Block(query.Columns(columns, width), queries, ref scratch, read: true);
                var k = new Block(key.Columns(columns, width), keys, ref scratch, read: true);
                var v = new Block(value.Columns(columns, width), keys, ref scratch, read: true);
                var result = new Block(target.Columns(columns, width), queries, ref scratch, read: false);
                var transposed = scratch.Take(padded * keyPadded);
                var scores = scratch.Take(queries.Count * keyPadded);
                SmallProducts.Transpose(k.Data, k.Stride, keys.Count, padded, transposed, keyPadded);
                SmallProducts.Multiply(q.Data, q.Stride, 1, transposed, keyPadded, scores, keyPadded, queries.Count, keyPadded, padded);
                for (var i = 0; i < queries.Count; i++)
                {
                    var row = scores + (nint)i * keyPadded;
                    attention.Hide(new(row, keyPadded), queries.Start + i, keys.Start, keys.Count);
                    logSums[(queries.Start + i) * heads + head] = Softmax(
                        row,
                        keyPadded,
                        (float)attention.Scale,
                        attention.Dropout,
                        FirstElement(attention, queries.Start + i, head)
                    );
                }
                SmallProducts.Multiply(scores, keyPadded, 1, v.Data, v.Stride, result.Data, result.Stride, queries.Count, padded, keys.Count);
                result.Commit();
            }
        );
        return result;
    }

    public override void AttendBackward(Attention attention, Attended saved, Tensor gradient, Columns query, Columns key, Columns value)
    {
        var (queryValues, keyValues, valueValues) = (new Matrix(attention.Query), new Matrix(attention.Key), new Matrix(attention.Value));
        var (queryTarget, keyTarget, valueTarget) = (new Matrix(query), new Matrix(key), new Matrix(value));
        var source = new Matrix(gradient);
        var logSums = (float*)Pointer(saved.Saved);
        var (width, heads) = (attention.HeadWidth, attention.Heads);
        ForHeads(
            attention,
            [MethodImpl(Hot)]
            (head, queries, keys) =>
            {
                var (padded, keyPadded, columns) = (Matrix.Padded(width), Matrix.Padded(keys.Count), head * width);
                var square = queries.Count * keyPadded;
                var scratch = new Allocator(Scratch.Take((3 * queries.Count + 4 * keys.Count) * padded + keyPadded * padded + 3 * square));
                var q = new Block(queryValues.Columns(columns, width), queries, ref scratch, read: true);
                var k = new Block(keyValues.Columns(columns, width), keys, ref scratch, read: true);
                var v = new Block(valueValues.Columns(columns, width), keys, ref scratch, read: true);
                var g = new Block(source.Columns(columns, width), queries, ref scratch, read: true);
                var dq = new Block(queryTarget.Columns(columns, width), queries, ref scratch, read: false);
                var dk = new Block(keyTarget.Columns(columns, width), keys, ref scratch, read: false);
                var dv = new Block(valueTarget.Columns(columns, width), keys, ref scratch, read: false);
                var transposed = scratch.Take(padded * keyPadded);
                var scores = scratch.Take(square);
                var dropped = scratch.Take(square);
                var derivative = scratch.Take(square);
                SmallProducts.Transpose(k.Data, k.Stride, keys.Count, padded, transposed, keyPadded);
                SmallProducts.Multiply(q.Data, q.Stride, 1, transposed, keyPadded, scores, keyPadded, queries.Count, keyPadded, padded);
                SmallProducts.Transpose(v.Data, v.Stride, keys.Count, padded, transposed, keyPadded);
                SmallProducts.Multiply(g.Data, g.Stride, 1, transposed, keyPadded, derivative, keyPadded, queries.Count, keyPadded, padded);
                for (var i = 0; i < queries.Count; i++)
                {
                    var at = (nint)i * keyPadded;
                    attention.Hide(new(scores + at, keyPadded), queries.Start + i, keys.Start, keys.Count);
                    SoftmaxBackward(
                        scores + at,
                        dropped + at,
                        derivative + at,
                        keyPadded,
                        (float)attention.Scale,
                        logSums[(queries.Start + i) * heads + head],
                        attention.Dropout,
                        FirstElement(attention, queries.Start + i, head)
                    );
                }
                SmallProducts.Multiply(derivative, keyPadded, 1, k.Data, k.Stride, dq.Data, dq.Stride, queries.Count, padded, keys.Count);
                SmallProducts.Multiply(derivative, 1, keyPadded, q.Data, q.Stride, dk.Data, dk.Stride, keys.Count, padded, queries.Count);
                SmallProducts.Multiply(dropped, 1, keyPadded, g.Data, g.Stride, dv.Data, dv.Stride, keys.Count, padded, queries.Count);
                dq.Commit();
                dk.Commit();
                dv.Commit();
            }
        );
    }

    private delegate void HeadBody(int head, (int Start, int Count) queries, (int Start, int Count) keys);

    private static void ForHeads(Attention attention, HeadBody body)
    {
        var (queries, keys, heads) = (attention.Queries.Starts, attention.Keys.Starts, attention.Heads);
        CpuThreads.For(
            (keys.Length - 1) * heads,
            1,
            [MethodImpl(Hot)]
            (start, end, _) =>
            {
                for (var item = start; item < end; item++)
                {
                    var row = item / heads;
                    body(item % heads, (queries[row], queries[row + 1] - queries[row]), (keys[row], keys[row + 1] - keys[row]));
                }
            }
        );
    }

    private static uint FirstElement(Attention attention, int query, int head) => (uint)((query * attention.Heads + head) * attention.LongestKeys);

    // Scores become dropped-out probabilities; the result is the logarithm of the sum of the exponentials.
    [MethodImpl(Hot)]
    private static float Softmax(float* scores, int count, float scale, in Dropout dropout, uint first)
    {
        var largest = Vector512.Load(scores);
        for (var j = VectorMath.Lanes; j < count; j += VectorMath.Lanes)
            largest = Vector512.Max(largest, Vector512.Load(scores + j));
        var max = Largest(largest) * scale;
        var sum = Vector512<float>.Zero;
        for (var j = 0; j < count; j += VectorMath.Lanes)
        {
            var e = VectorMath.Exp(Vector512.FusedMultiplyAdd(Vector512.Load(scores + j), Vector512.Create(scale), Vector512.Create(-max)));
            sum += e;
            if (dropout.IsActive)
                e *= VectorMath.Factors(dropout, first + (uint)j);
            e.Store(scores + j);
        }
        var total = Vector512.Sum(sum);
        for (var j = 0; j < count; j += VectorMath.Lanes)
            (Vector512.Load(scores + j) * Vector512.Create(1 / total)).Store(scores + j);
        return max + MathF.Log(total);
    }

    // In: scores and the derivative by the dropped-out probabilities. Out: the dropped-out probabilities and the derivative by the products of queries and
    // keys.
    [MethodImpl(Hot)]
    private static void SoftmaxBackward(float* scores, float* dropped, float* derivative, int count, float scale, float logSum, in Dropout dropout, uint first)
    {
        var sum = Vector512<float>.Zero;
        for (var j = 0; j < count; j += VectorMath.Lanes)
        {
            var p = VectorMath.Exp(Vector512.FusedMultiplyAdd(Vector512.Load(scores + j), Vector512.Create(scale), Vector512.Create(-logSum)));
            var d = Vector512.Load(derivative + j);
            p.Store(scores + j);
            if (dropout.IsActive)
            {
                var factors = VectorMath.Factors(dropout, first + (uint)j);
                (p * factors).Store(dropped + j);
                d *= factors;
                d.Store(derivative + j);
            }
            else
            {
                p.Store(dropped + j);
            }
            sum = Vector512.FusedMultiplyAdd(p, d, sum);
        }
        var mean = Vector512.Create(Vector512.Sum(sum));
        for (var j = 0; j < count; j += VectorMath.Lanes)
            ((Vector512.Load(derivative + j) - mean) * Vector512.Load(scores + j) * Vector512.Create(scale)).Store(derivative + j);
    }

    private ref struct Allocator(float* next)
    {
        private float* _next = next;

        public float* Take(int count)
        {
            var taken = _next;
            _next += count;
            return taken;
        }
    }

    // Consecutive rows of a matrix: in place where that is possible, else a copy.
    private readonly ref struct Block
    {
        private readonly Matrix _matrix;
        private readonly (int Start, int Count) _rows;

        public Block(Matrix matrix, (int Start, int Count) rows, ref Allocator scratch, bool read)
        {
            (_matrix, _rows) = (matrix, rows);
            if (matrix.IsDirect)
            {
                Data = matrix.Read(rows.Start, null);
                Stride = matrix.Stride;
                return;
            }
            Data = scratch.Take(rows.Count * matrix.PaddedWidth);
            Stride = matrix.PaddedWidth;
            for (var i = 0; read && i < rows.Count; i++)
                matrix.Copy(rows.Start + i, Data + i * Stride);
        }

        public float* Data { get; }

        public nint Stride { get; }

        public void Commit()
        {
            for (var i = 0; !_matrix.IsDirect && i < _rows.Count; i++)
                _matrix.Store(_rows.Start + i, Data + i * Stride);
        }
    }
}
