namespace BertMl.Checkpoints;

/// <summary>A tensor's name, element type and dimensions.</summary>
/// <param name="Name">Name in the checkpoint.</param>
/// <param name="ElementType">Type of the stored elements.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
public sealed record TensorInfo(string Name, TensorElementType ElementType, IReadOnlyList<long> Shape)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));
}

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
}
