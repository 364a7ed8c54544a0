namespace BertMl.Networks;

/// <summary>A tensor's name, element type and dimensions.</summary>
/// <param name="Name">Name in the checkpoint.</param>
/// <param name="ElementType">Type of the stored elements.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
public sealed record TensorInfo(string Name, TensorElementType ElementType, IReadOnlyList<long> Shape)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));
}

/// <summary>Named tensors: a file, several shards, or memory. Thread-safe for reading.</summary>
public interface ITensors : IDisposable
{
    /// <summary>The tensors by name.</summary>
    IReadOnlyDictionary<string, TensorInfo> Infos { get; }

    /// <summary>Reads a whole tensor, row-major, converted to float32.</summary>
    /// <exception cref="KeyNotFoundException">No tensor has that name.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> does not have the tensor's number of elements.</exception>
    void Read(string name, Span<float> destination);

    /// <summary>A whole tensor's values, row-major, as float32: the memory that they lie in, where they are there as that, or else a copy.</summary>
    /// <exception cref="KeyNotFoundException">No tensor has that name.</exception>
    ReadOnlyMemory<float> Values(string name) => this.ReadAll(name);
}

/// <summary>Reading whole tensors.</summary>
internal static class TensorsExtensions
{
    /// <summary>A tensor's values as float32, row-major.</summary>
    public static float[] ReadAll(this ITensors tensors, string name)
    {
        var values = new float[tensors.Find(name).Count];
        tensors.Read(name, values);
        return values;
    }

    /// <summary>What is known of a tensor.</summary>
    /// <exception cref="KeyNotFoundException">No tensor has that name.</exception>
    public static TensorInfo Find(this ITensors tensors, string name) =>
        tensors.Infos.TryGetValue(name, out var info) ? info : throw new KeyNotFoundException($"There is no tensor '{name}'.");

    /// <summary>What is known of a tensor that is about to be read into a buffer.</summary>
    public static TensorInfo Find(this ITensors tensors, string name, ReadOnlySpan<float> destination)
    {
        var info = tensors.Find(name);
        return info.Count == destination.Length
            ? info
            : throw new ArgumentException($"Tensor '{name}' has {info.Count} elements, but the destination has {destination.Length}.", nameof(destination));
    }
}
