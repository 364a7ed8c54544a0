using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BertMl.Tokenization;

/// <summary>The tokens that are ASCII words of at most 15 characters, found by one hash of a 16-byte register: most words of an English text.</summary>
internal sealed class AsciiWordTable
{
    private readonly Slot[] _slots;
    private readonly int _shift;

    public AsciiWordTable(IReadOnlyList<string> tokens)
    {
        var words = Enumerable.Range(0, tokens.Count).Where(id => tokens[id].Length is > 0 and < 16 && tokens[id].All(char.IsAsciiLetterOrDigit)).ToArray();
        var bits = BitOperations.Log2((uint)Math.Max(8, words.Length)) + 2;
        (_slots, _shift) = (new Slot[1 << bits], 64 - bits);
        Span<byte> bytes = stackalloc byte[16];
        foreach (var id in words)
        {
            bytes.Clear();
            System.Text.Encoding.ASCII.GetBytes(tokens[id], bytes);
            var key = Vector128.Create<byte>(bytes).AsUInt64();
            var i = Start(key[0], key[1]);
            while (_slots[i].Low != 0)
                i = (i + 1) & (_slots.Length - 1);
            _slots[i] = new Slot(key[0], key[1], id);
        }
    }

    /// <summary>Id of a word whose bytes, padded with zeros, fill the register; -1 where it is no token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(Vector128<byte> word)
    {
        var key = word.AsUInt64();
        var (low, high) = (key[0], key[1]);
        var slots = _slots;
        for (var i = Start(low, high); ; i = (i + 1) & (slots.Length - 1))
        {
            ref var slot = ref slots[i];
            if (slot.Low == low && slot.High == high)
                return slot.Id;
            if (slot.Low == 0)
                return -1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Start(ulong low, ulong high) => (int)(((low * 0x9E3779B97F4A7C15) ^ (high * 0xC2B2AE3D27D4EB4F)) >> _shift);

    private readonly record struct Slot(ulong Low, ulong High, int Id);
}
