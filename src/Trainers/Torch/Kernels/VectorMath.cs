using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BertMl.Torch;

/// <summary>Functions of 16 floats at once; where the processor has no AVX-512, .NET makes two halves of them.</summary>
internal static unsafe class VectorMath
{
    /// <summary>Floats of a vector.</summary>
    public const int Lanes = 16;

    /// <summary>e^x to about one unit in the last place; 0 where x is less than -87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // x = n ln 2 + r with |r| at most ln 2 / 2; e^r by its Taylor series; 2^n by adding n to the exponent.
        x = Vector512.Min(x, Vector512.Create(88f));
        var rounder = Vector512.Create(12582912f);
        var n = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), rounder) - rounder;
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var series = Vector512.FusedMultiplyAdd(r, Vector512.Create(1 / 5040f), Vector512.Create(1 / 720f));
        series = Vector512.FusedMultiplyAdd(r, series, Vector512.Create(1 / 120f));
        series = Vector512.FusedMultiplyAdd(r, series, Vector512.Create(1 / 24f));
        series = Vector512.FusedMultiplyAdd(r, series, Vector512.Create(1 / 6f));
        series = Vector512.FusedMultiplyAdd(r, series, Vector512.Create(0.5f));
        series = Vector512.FusedMultiplyAdd(r, series, Vector512<float>.One);
        series = Vector512.FusedMultiplyAdd(r, series, Vector512<float>.One);
        var power = (series.AsInt32() + (Vector512.ConvertToInt32(n) << 23)).AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-87f)), Vector512<float>.Zero, power);
    }

    /// <summary>
    /// The normal distribution's cumulative function and density: what GELU and its derivative are made of. Absolute error at most 1e-7
    /// (Abramowitz and Stegun, formula 7.1.26).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Cumulative, Vector512<float> Density) Normal(Vector512<float> x)
    {
        var e = Exp(x * x * Vector512.Create(-0.5f));
        var t = Vector512<float>.One / Vector512.FusedMultiplyAdd(Vector512.Abs(x), Vector512.Create(0.3275911f * 0.70710678f), Vector512<float>.One);
        var tail = Vector512.FusedMultiplyAdd(t, Vector512.Create(0.5f * 1.061405429f), Vector512.Create(0.5f * -1.453152027f));
        tail = Vector512.FusedMultiplyAdd(t, tail, Vector512.Create(0.5f * 1.421413741f));
        tail = Vector512.FusedMultiplyAdd(t, tail, Vector512.Create(0.5f * -0.284496736f));
        tail = Vector512.FusedMultiplyAdd(t, tail, Vector512.Create(0.5f * 0.254829592f)) * t * e;
        var cumulative = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), tail, Vector512<float>.One - tail);
        return (cumulative, e * Vector512.Create(0.39894228f));
    }

    /// <summary>tanh x by the exponential.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        var e = Exp(Vector512.Create(-2f) * Vector512.Abs(x));
        var tanh = (Vector512<float>.One - e) / (Vector512<float>.One + e);
        return Vector512.CopySign(tanh, x);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>Numbers 0 to 15 after a first one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Count(uint first) => Vector512.Create(first) + Vector512<uint>.Indices;

    /// <summary>The factors of 16 consecutive elements, as <see cref="Dropout.Factors"/> defines them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Factors(in Dropout dropout, uint first)
    {
        var x = (Count(first) ^ Vector512.Create(dropout.Key1)) * Vector512.Create(Dropout.Multiplier1);
        x = ((x ^ (x >> 15)) + Vector512.Create(dropout.Key2)) * Vector512.Create(Dropout.Multiplier2);
        x = (x ^ (x >> 13)) * Vector512.Create(Dropout.Multiplier3);
        x ^= x >> 16;
        return Vector512.GreaterThanOrEqual(x, Vector512.Create(dropout.Threshold)).AsSingle() & Vector512.Create(dropout.Scale);
    }

    /// <summary>bfloat16 to float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(ushort* source)
    {
        var (lower, upper) = Vector256.Widen(Vector256.Load(source));
        return (Vector512.Create(lower, upper) << 16).AsSingle();
    }

    /// <summary>float32 to bfloat16, to nearest, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Narrow(Vector512<float> x, ushort* target)
    {
        var bits = x.AsUInt32();
        var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
        rounded = Vector512.ConditionalSelect(Vector512.Equals(x, x).AsUInt32(), rounded, Vector512.Create(0x7FC0u));
        Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(target);
    }
}
