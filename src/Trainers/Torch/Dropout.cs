using BertMl.RandomNumbers;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// Which elements of a tensor are dropped: a hash of the element's index, keyed by the step's seed and the place in the network. There is no
/// generator with a state, so nothing needs to be saved to resume, threads cannot disturb the order, and backward computes the same mask again.
/// </summary>
/// <remarks>The hash is a multiply-and-shift mixer of 32 bits with two keys, as in the finalizers of MurmurHash3 (Appleby).</remarks>
internal readonly struct Dropout
{
    public const uint Multiplier1 = 0x9E3779B1,
        Multiplier2 = 0x85EBCA6B,
        Multiplier3 = 0xC2B2AE35;

    /// <param name="probability">Probability of dropping an element.</param>
    /// <param name="seed">The step's seed.</param>
    /// <param name="place">The place in the network.</param>
    public Dropout(double probability, ulong seed, int place)
    {
        if (probability <= 0)
            return;
        var key = CounterRandom.Mix(CounterRandom.Mix(seed + CounterRandom.Increment) + (ulong)place + CounterRandom.Increment);
        (Key1, Key2) = ((uint)key, (uint)(key >> 32));
        Threshold = (uint)Math.Min(uint.MaxValue, Math.Round(probability * 4294967296.0));
        Scale = (float)(1 / (1 - probability));
    }

    public uint Key1 { get; }

    public uint Key2 { get; }

    /// <summary>An element whose hash is less is dropped; 0: nothing is.</summary>
    public uint Threshold { get; }

    /// <summary>What the others are multiplied by.</summary>
    public float Scale { get; } = 1;

    public bool IsActive => Threshold > 0;

    /// <summary>The factor of each element: 0 or <see cref="Scale"/>.</summary>
    /// <param name="index">Indices, integers of 64 bits, each less than 2^32.</param>
    public Tensor Factors(Tensor index)
    {
        const long low = 0xFFFFFFFF;
        var x = Shifted(((index & low) ^ (long)Key1).Times((long)Multiplier1) & low, 15);
        x = Shifted(x.Plus((long)Key2).Times((long)Multiplier2) & low, 13);
        x = Shifted(x.Times((long)Multiplier3) & low, 16);
        return x.IsAtLeast((long)Threshold).to(ScalarType.Float32).Times(Scale);

        static Tensor Shifted(Tensor x, long bits) => x ^ x.bitwise_right_shift(tensor(bits, device: x.device));
    }
}
