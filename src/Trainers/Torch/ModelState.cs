using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BertMl.Checkpoints;
using BertMl.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// Weights and optimizer state as bytes: "BertMlTS", version, steps, number of elements, then values and both moments, float32, little-endian.
/// </summary>
internal static class ModelState
{
    private const int HeaderSize = 32;

    private static ReadOnlySpan<byte> Magic => "BertMlTS"u8;

    public static void Save(Weights weights, Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], weights.StepCount);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], weights.Values.numel());
        stream.Write(header);
        foreach (var flat in Parts(weights))
            Tensors.Write(flat, stream);
    }

    public static void Load(Weights weights, Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        if (
            stream.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize
            || !header.StartsWith(Magic)
            || BinaryPrimitives.ReadInt64LittleEndian(header[8..]) != 1
        )
            throw new InvalidDataException("This is not a training state of BertMl, version 1.");
        var count = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        if (count != weights.Values.numel())
            throw new InvalidDataException($"The training state is of a model of {count:N0} parameters; this one has {weights.Values.numel():N0}.");
        using var scope = NewDisposeScope();
        var read = new List<Tensor>();
        foreach (var _ in Parts(weights))
            read.Add(Tensors.Read(stream, count));
        foreach (var (flat, values) in Parts(weights).Zip(read))
            flat.copy_(values);
        weights.Operands?.copy_(weights.Values);
        weights.StepCount = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        weights.ClearGradients();
        weights.RecallRows();
    }

    private static IEnumerable<Tensor> Parts(Weights weights) => [weights.Values, weights.FirstMoments, weights.SecondMoments];
}

/// <summary>Between tensors and memory.</summary>
internal static class Tensors
{
    private const int BlockSize = 1 << 20;

    public static float[] ToArray(Tensor x)
    {
        if (x.numel() == 0)
            return [];
        using var scope = NewDisposeScope();
        return x.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }

    public static float[] ToArray(Weights weights, Tensor flat, string name)
    {
        using var part = weights.Part(flat, name);
        return ToArray(part);
    }

    public static void Write(Tensor flat, Stream stream)
    {
        for (long start = 0, count = flat.numel(); start < count; start += BlockSize)
        {
            using var part = flat.narrow(0, start, Math.Min(BlockSize, count - start));
            stream.Write(MemoryMarshal.AsBytes(ToArray(part).AsSpan()));
        }
    }

    public static Tensor Read(Stream stream, long count)
    {
        var flat = zeros(count, dtype: ScalarType.Float32);
        var block = new float[BlockSize];
        for (long start = 0; start < count; start += BlockSize)
        {
            var values = block.AsSpan(0, (int)Math.Min(BlockSize, count - start));
            try
            {
                stream.ReadExactly(MemoryMarshal.AsBytes(values));
            }
            catch (EndOfStreamException e)
            {
                throw new InvalidDataException("The training state is cut off.", e);
            }
            using var read = tensor(values.ToArray());
            using var part = flat.narrow(0, start, values.Length);
            part.copy_(read);
        }
        return flat;
    }
}
