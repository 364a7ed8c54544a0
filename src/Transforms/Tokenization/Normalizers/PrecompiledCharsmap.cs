using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace BertMl.Tokenization.Normalizers;

/// <summary>
/// SentencePiece's precompiled_charsmap, which says what characters and sequences of characters are replaced by: a double-array trie (darts-clone) over UTF-8,
/// behind its size, then the replacements, each ended by a zero byte.
/// </summary>
/// <remarks>Kudo and Richardson 2018 (arXiv:1808.06226).</remarks>
internal sealed class PrecompiledCharsmap
{
    /// <summary>The most steps from the root to all keys; the rules that SentencePiece ships take some 10,000.</summary>
    private const int MostSteps = 1 << 20;

    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Dictionary<int, string> _characters = [];
    private readonly Dictionary<string, string> _sequences = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _sequencesBySpan;

    private PrecompiledCharsmap() => _sequencesBySpan = _sequences.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Reads a map, whole.</summary>
    /// <exception cref="FormatException">It is cut short, points outside itself, or is not of UTF-8; the message says where.</exception>
    public static PrecompiledCharsmap Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(uint))
            throw new FormatException($"the charsmap has {bytes.Length} bytes; at least 4 hold the size of its trie");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size == 0 || size % sizeof(uint) != 0 || size > bytes.Length - sizeof(uint))
            throw new FormatException(
                $"the charsmap's trie takes {size} bytes of {bytes.Length - sizeof(uint)}; expected a multiple of 4, and no more than there are"
            );
        var units = new uint[size / sizeof(uint)];
        for (var i = 0; i < units.Length; i++)
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(sizeof(uint) * (i + 1))..]);
        var map = new PrecompiledCharsmap();
        foreach (var (key, at) in Keys(units))
            map.Add(key, Replacement(bytes[(sizeof(uint) + (int)size)..], at));
        return map;
    }

    /// <summary>What a character is replaced by; false where it stays.</summary>
    public bool TryReplace(int codePoint, [NotNullWhen(true)] out string? replacement) => _characters.TryGetValue(codePoint, out replacement);

    /// <summary>
    /// What a sequence of characters is replaced by, which the shortest key that it begins with decides, as in tokenizers; false where it stays.
    /// </summary>
    public bool TryReplace(ReadOnlySpan<char> sequence, [NotNullWhen(true)] out string? replacement)
    {
        Rune.DecodeFromUtf16(sequence, out var first, out var length);
        if (_characters.TryGetValue(first.Value, out replacement))
            return true;
        for (length++; length <= sequence.Length; length++)
        {
            if (_sequencesBySpan.TryGetValue(sequence[..length], out replacement))
                return true;
        }
        return false;
    }

    private void Add(string key, string replacement)
    {
        if (Rune.TryGetRuneAt(key, 0, out var rune) && rune.Utf16SequenceLength == key.Length)
            _characters[rune.Value] = replacement;
        else
            _sequences[key] = replacement;
    }

    private static string Replacement(ReadOnlySpan<byte> replacements, int at)
    {
        if (at > replacements.Length || replacements[at..].IndexOf((byte)0) is var length && length < 0)
            throw new FormatException($"the charsmap points to a replacement at byte {at}, of {replacements.Length}, that does not end");
        return Decode(replacements.Slice(at, length));
    }

    /// <summary>
    /// Every key of the trie, and the number that it leads to. Keys may share the units of their ends; a trie that comes back to itself would never end.
    /// </summary>
    private static IEnumerable<(string Key, int Value)> Keys(uint[] units)
    {
        var steps = 0;
        var open = new Stack<(long Node, byte[] Key)>();
        open.Push((Offset(units[0]), []));
        while (open.TryPop(out var next))
        {
            for (var label = 1; label <= byte.MaxValue; label++)
            {
                var unit = Unit(units, next.Node ^ label);
                if ((unit & (0x8000_0000 | 0xFF)) != label)
                    continue;
                if (++steps > MostSteps || next.Key.Length > byte.MaxValue)
                    throw new FormatException(
                        $"the charsmap's trie has keys of more than {byte.MaxValue} bytes, or comes back to itself at unit {next.Node ^ label}"
                    );
                var node = next.Node ^ label ^ Offset(unit);
                byte[] key = [.. next.Key, (byte)label];
                if ((unit & 0x100) != 0)
                    yield return (Decode(key), (int)(Unit(units, node) & int.MaxValue));
                open.Push((node, key));
            }
        }
    }

    private static uint Unit(uint[] units, long at) =>
        (ulong)at < (ulong)units.Length ? units[at] : throw new FormatException($"the charsmap's trie points to unit {at}; it has {units.Length}");

    private static long Offset(uint unit) => (long)(unit >> 10) << (int)((unit & 0x200) >> 6);

    private static string Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return _utf8.GetString(utf8);
        }
        catch (DecoderFallbackException exception)
        {
            throw new FormatException($"the charsmap has the bytes {Convert.ToHexString(utf8)}, which are not UTF-8", exception);
        }
    }
}
