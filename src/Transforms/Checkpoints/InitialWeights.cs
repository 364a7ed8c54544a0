using System.Text;
using BertMl.Networks;
using BertMl.RandomNumbers;

namespace BertMl.Checkpoints;

/// <summary>
/// The parameters of a network before any learning, as transformers starts them: weights normal, biases 0, layer normalization 1 and 0, the padding
/// row of an embedding 0, parameters of activations at their own numbers. Nothing is stored: every number is a function of the seed, the parameter's name and
/// its place, so that a parameter starts alike in every network that has it, on any number of cores.
/// </summary>
/// <param name="parameters">The parameters.</param>
/// <param name="seed">Another seed, other weights.</param>
internal sealed class InitialWeights(IEnumerable<Parameter> parameters, int seed) : ITensors
{
    private readonly Dictionary<string, Parameter> _parameters = parameters.ToDictionary(p => p.Name, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, TensorInfo> Infos =>
        field ??= _parameters.Values.ToDictionary(
            p => p.Name,
            p => new TensorInfo(p.Name, TensorElementType.F32, [.. p.Shape.Select(size => (long)size)]),
            StringComparer.Ordinal
        );

    public void Read(string name, Span<float> destination)
    {
        _ = this.Find(name, destination);
        var parameter = _parameters[name];
        if (parameter.Initialization == Initialization.Normal)
            Normal(Key(name), parameter.Distribution, destination);
        else
            destination.Fill(
                parameter.Initialization switch
                {
                    Initialization.Ones => 1,
                    Initialization.Constant => (float)parameter.Value,
                    _ => 0,
                }
            );
        if (parameter.PaddingRow is { } row)
            destination.Slice(row * parameter.Shape[1], parameter.Shape[1]).Clear();
    }

    public void Dispose() { }

    // 64-bit FNV-1a of the name, so that it is the same in every process.
    private ulong Key(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 1099511628211UL;
        return CounterRandom.Mix(hash ^ CounterRandom.Mix((ulong)(uint)seed));
    }

    private static unsafe void Normal(ulong key, InitialDistribution distribution, Span<float> destination)
    {
        var outside = double.IsFinite(distribution.Cutoff) ? NormalTail(distribution.Cutoff) : 0;
        const int chunk = 1 << 16;
        var length = destination.Length;
        fixed (float* start = destination)
        {
            var address = (nint)start;
            Parallel.For(
                0,
                (length + chunk - 1) / chunk,
                i =>
                {
                    var part = new Span<float>((float*)address + (long)i * chunk, Math.Min(chunk, length - i * chunk));
                    for (var j = 0; j < part.Length; j++)
                        part[j] = (float)(distribution.StandardDeviation * Quantile(key, (ulong)((long)i * chunk + j), outside));
                }
            );
        }
    }

    // The counter-th number of SplitMix64 (Steele, Lea and Flood 2014), as a point of (0, 1), turned into a normal deviate.
    private static double Quantile(ulong key, ulong counter, double outside)
    {
        var point = ((CounterRandom.Mix(key + counter * CounterRandom.Increment) >> 12) + 0.5) * (1.0 / (1UL << 52));
        return NormalQuantile(outside + point * (1 - 2 * outside));
    }

    // The probability of a value beyond the cutoff on one side: bisection of the quantile.
    private static double NormalTail(double cutoff)
    {
        var (low, high) = (0.0, 0.5);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = NormalQuantile(middle) < -cutoff ? (middle, high) : (low, middle);
        }
        return high;
    }

    /// <summary>Inverse of the standard normal distribution function, to seven digits: algorithm AS 241, PPND7 (Wichura 1988).</summary>
    internal static double NormalQuantile(double probability)
    {
        var q = probability - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var r = 0.180625 - q * q;
            return q
                * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
                / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
        }
        var tail = Math.Sqrt(-Math.Log(q < 0 ? probability : 1 - probability));
        double value;
        if (tail <= 5)
        {
            var r = tail - 1.6;
            value = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) / ((0.12021132975 * r + 0.73700164250) * r + 1);
        }
        else
        {
            var r = tail - 5;
            value = (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) / ((0.012258202635 * r + 0.24197894225) * r + 1);
        }
        return q < 0 ? -value : value;
    }
}
