using System.Numerics.Tensors;

namespace BertMl.EmbeddingMaps;

/// <summary>Vectors of one size, checked, one after the other in memory.</summary>
internal sealed class VectorSet
{
    private readonly float[] _values;

    private VectorSet(float[] values, int count, int size) => (_values, Count, Size) = (values, count, size);

    /// <summary>Number of vectors.</summary>
    public int Count { get; }

    /// <summary>Number of components of a vector.</summary>
    public int Size { get; }

    public ReadOnlySpan<float> this[int index] => _values.AsSpan(index * Size, Size);

    /// <summary>Copies vectors.</summary>
    /// <exception cref="ArgumentException">There are fewer than two, they differ in size, or a number is not finite; the vector is named.</exception>
    public static VectorSet Of(IReadOnlyList<float[]> vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (vectors.Count < 2)
            throw new ArgumentException($"At least two vectors are needed; there are {vectors.Count}.", nameof(vectors));
        var size = vectors[0].Length;
        ArgumentOutOfRangeException.ThrowIfZero(size, nameof(vectors));
        var values = new float[(long)vectors.Count * size];
        for (var i = 0; i < vectors.Count; i++)
        {
            if (vectors[i].Length != size)
                throw new ArgumentException($"Vector {i} has {vectors[i].Length} components; the first one has {size}.", nameof(vectors));
            if (!Array.TrueForAll(vectors[i], float.IsFinite))
                throw new ArgumentException($"Vector {i} has a component that is not a finite number.", nameof(vectors));
            vectors[i].CopyTo(values, i * size);
        }
        return new(values, vectors.Count, size);
    }

    /// <summary>Euclidean distances of one vector to all.</summary>
    public void Distances(int from, Span<float> distances)
    {
        var vector = this[from];
        for (var to = 0; to < Count; to++)
            distances[to] = TensorPrimitives.Distance(vector, this[to]);
    }

    /// <summary>The nearest other vectors of each, by Euclidean distance, exactly; of equally near ones, the earlier.</summary>
    /// <param name="count">How many.</param>
    /// <returns>[vectors, count], nearest first: which ones, and how far.</returns>
    public (int[] Indices, float[] Distances) NearestNeighbors(int count)
    {
        var (indices, distances) = (new int[Count * count], new float[Count * count]);
        Parallel.For(
            0,
            Count,
            () => (All: new float[Count], Order: new int[Count]),
            (i, _, buffers) =>
            {
                Distances(i, buffers.All);
                buffers.All[i] = float.PositiveInfinity;
                var chosen = Smallest(buffers.All, buffers.Order, count);
                for (var k = 0; k < count; k++)
                    (indices[i * count + k], distances[i * count + k]) = (chosen[k], buffers.All[chosen[k]]);
                return buffers;
            },
            _ => { }
        );
        return (indices, distances);
    }

    // A heap of the smallest so far, the greatest on top; sorted at the end.
    private static ReadOnlySpan<int> Smallest(float[] values, int[] buffer, int count)
    {
        var heap = new PriorityQueue<int, (float, int)>(count, Comparer<(float, int)>.Create((a, b) => b.CompareTo(a)));
        var bound = float.PositiveInfinity;
        for (var i = 0; i < values.Length; i++)
        {
            if (heap.Count < count)
                heap.Enqueue(i, (values[i], i));
            else if (values[i] < bound)
                heap.EnqueueDequeue(i, (values[i], i));
            else
                continue;
            heap.TryPeek(out _, out var greatest);
            bound = heap.Count < count ? float.PositiveInfinity : greatest.Item1;
        }
        for (var k = heap.Count - 1; k >= 0; k--)
            buffer[k] = heap.Dequeue();
        return buffer.AsSpan(0, count);
    }
}
