using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BertMl.Tokenization;

/// <summary>The tokens that are ASCII words of at most 15 characters, found by one hash of a 16-byte register: most words of an English text.</summary>
internal sealed class AsciiWordTable
{
    private const int VectorLength = 16;

    /// <summary>Sixteen set bytes, then sixteen zero bytes: loaded at 16 - n, the first n bytes are set.</summary>
    private static readonly byte[] _prefixes = [.. Enumerable.Repeat((byte)0xFF, VectorLength), .. new byte[VectorLength]];

    private readonly Slot[] _slots;
    private readonly int _shift;

    /// <summary>Tables the words among the tokens of a vocabulary that are ASCII letters and digits.</summary>
    public AsciiWordTable(IReadOnlyList<string> tokens)
        : this([.. tokens.Index().Where(token => token.Item.All(char.IsAsciiLetterOrDigit)).Select(token => (token.Item, token.Index))]) { }

    /// <summary>Tables words and their ids. Words that are empty, too long, or have a character that is not of ASCII or is NUL, are left out.</summary>
    public AsciiWordTable(IReadOnlyCollection<(string Text, int Id)> all)
    {
        var words = all.Where(word => word.Text.Length is > 0 and < 16 && word.Text.All(character => character is > '\0' and < '\x80')).ToArray();
        var bits = BitOperations.Log2((uint)Math.Max(8, words.Length)) + 2;
        (_slots, _shift) = (new Slot[1 << bits], 64 - bits);
        Array.Fill(_slots, new Slot(0, 0, -1));
        Span<byte> bytes = stackalloc byte[16];
        foreach (var (text, id) in words)
        {
            bytes.Clear();
            System.Text.Encoding.ASCII.GetBytes(text, bytes);
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

    /// <summary>The first characters of a text as <see cref="Find"/> takes them, the others zero. NUL counts as 255, which no table has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Key(ReadOnlySpan<char> text, int length)
    {
        var bytes = Narrow(text);
        return First(bytes | Vector128.Equals(bytes, Vector128<byte>.Zero), length);
    }

    /// <summary>The first 16 characters of a text as bytes; characters beyond U+00FF as 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Narrow(ReadOnlySpan<char> text)
    {
        if (text.Length < VectorLength)
            return NarrowPadded(text);
        ref var first = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text));
        return Vector128.NarrowWithSaturation(Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref first, 8));
    }

    /// <summary>The first bytes of a register, the others zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> First(Vector128<byte> bytes, int length) =>
        bytes & Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(_prefixes), (nuint)(VectorLength - length));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<byte> NarrowPadded(ReadOnlySpan<char> text)
    {
        Span<char> padded = stackalloc char[VectorLength];
        padded.Clear();
        text.CopyTo(padded);
        return Narrow(padded);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Start(ulong low, ulong high) => (int)(((low * 0x9E3779B97F4A7C15) ^ (high * 0xC2B2AE3D27D4EB4F)) >> _shift);

    private readonly record struct Slot(ulong Low, ulong High, int Id);
}
