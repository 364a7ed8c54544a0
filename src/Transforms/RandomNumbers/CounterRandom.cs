namespace BertMl.RandomNumbers;

/// <summary>
/// Random numbers that depend on a key alone (SplitMix64, Steele et al. 2014): every epoch and every step has its own key, so that there is no
/// generator state to save, and a resumed training draws what an uninterrupted one would have drawn.
/// </summary>
internal struct CounterRandom(ulong key)
{
    /// <summary>What the state grows by from number to number.</summary>
    public const ulong Increment = 0x9E3779B97F4A7C15;
    private ulong _state = key;

    /// <summary>The key of one thing among many: of epoch 3, of step 17 and micro-batch 2.</summary>
    public static ulong Key(ulong seed, ulong first, ulong second = 0) => Mix(Mix(Mix(seed + Increment) + first) + second);

    /// <summary>A number from 0 to <paramref name="count"/> - 1. (Multiply-shift: its bias, below count / 2⁶⁴, is of no account.)</summary>
    public int Below(int count)
    {
        _state += Increment;
        return (int)Math.BigMul(Mix(_state), (ulong)count, out _);
    }

    /// <summary>A number from 0 to 1 (exclusive).</summary>
    public double NextDouble()
    {
        _state += Increment;
        return (Mix(_state) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Puts items into random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The finalizer: turns a state into a number.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
