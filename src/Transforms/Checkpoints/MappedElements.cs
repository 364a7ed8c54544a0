using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>Reading a tensor's elements from a mapped file.</summary>
internal static class MappedElements
{
    /// <summary>Reads elements that lie one after the other, as float32.</summary>
    public static void Read(this MappedFile file, long offset, TensorElementType type, Span<float> destination)
    {
        const int chunk = 1 << 20;
        while (destination.Length > 0)
        {
            var count = Math.Min(chunk, destination.Length);
            using var bytes = file.Bytes(offset, count * type.Size());
            TensorElements.ToFloat32(bytes.Span, type, destination[..count]);
            destination = destination[count..];
            offset += bytes.Span.Length;
        }
    }
}
