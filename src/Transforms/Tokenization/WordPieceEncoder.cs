using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BertMl.Tokenization;

/// <summary>
/// From text to WordPiece ids: normalization, words, and the longest pieces from the left, in one pass and without allocation. Words of up to 15 ASCII letters and
/// digits are classified, lower-cased and looked up whole in one vector register; everything else goes through <see cref="CharacterTable"/>, then the trie.
/// </summary>
internal sealed class WordPieceEncoder
{
    private const int VectorLength = 16;

    /// <summary>First n bytes set, at offset 16 - n.</summary>
    private static readonly byte[] Prefixes = [.. Enumerable.Repeat((byte)0xFF, 16), .. new byte[16]];

    private readonly CharacterTable _characters;
    private readonly PieceTrie _trie;
    private readonly AsciiWordTable _words;
    private readonly int _unkId;
    private readonly int _continuation;
    private readonly int _maxCharacters;
    private readonly bool _vectorWords;
    private readonly Vector128<byte> _lowerBit;

    public WordPieceEncoder(IReadOnlyList<string> tokens, int unkId, CharacterTable characters, WordPieceOptions options)
    {
        _characters = characters;
        _trie = new PieceTrie(tokens);
        _words = new AsciiWordTable(tokens);
        _unkId = unkId;
        _continuation = _trie.Find(options.ContinuingSubwordPrefix);
        _maxCharacters = options.MaxInputCharactersPerWord;
        _vectorWords = _maxCharacters >= VectorLength;
        _lowerBit = Vector128.Create(options.Lowercase ? (byte)0x20 : (byte)0);
    }

    /// <summary>Tokenizes a text without special tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="origin">Added to every offset: where the text stands in the whole.</param>
    /// <param name="sink">Receives the tokens.</param>
    /// <returns>False where the sink ended it.</returns>
    [SkipLocalsInit]
    public bool Encode<TSink>(ReadOnlySpan<char> text, int origin, ref TSink sink)
        where TSink : ITokenSink, allows ref struct
    {
        var capacity = (_maxCharacters * 2) + VectorLength;
        var word = new WordBuffer(stackalloc char[capacity], stackalloc int[capacity], stackalloc int[capacity],
            stackalloc int[TSink.NeedsOffsets ? capacity : 0], stackalloc int[TSink.NeedsOffsets ? capacity : 0]);
        var i = 0;
        while (i < text.Length)
        {
            int count;
            var length = _vectorWords ? AsciiWord(text[i..], out var bytes) : NoWord(out bytes);
            if (length > 0 && EndsWord(text, i + length))
            {
                var wordStart = origin + i;
                i += length;
                if (i < text.Length && text[i] == ' ')
                    i++;
                var id = _words.Find(bytes);
                if (id >= 0)
                {
                    if (!sink.Add(id, wordStart, wordStart + length, continues: false))
                        return false;
                    continue;
                }
                count = SplitAscii<TSink>(bytes, length, wordStart, ref word);
            }
            else
            {
                var codePoint = CharacterTable.CodePointAt(text, i, out var units);
                var value = _characters[codePoint];
                switch (CharacterTable.Kind(value))
                {
                    case CharacterKind.Removed or CharacterKind.Space:
                        i += units;
                        continue;
                    case CharacterKind.Isolated:
                        word.Clear();
                        Append<TSink>(ref word, CharacterTable.Replacement(value, codePoint), origin + i, origin + i + units);
                        i += units;
                        break;
                    default:
                        i = ReadWord<TSink>(text, i, origin, ref word);
                        break;
                }
                count = Split(ref word);
            }
            var from = 0;
            for (var piece = 0; piece < count; piece++)
            {
                var to = word.PieceEnds[piece];
                var (start, end) = TSink.NeedsOffsets ? (word.Starts[from], word.Ends[to - 1]) : (0, 0);
                if (!sink.Add(word.PieceIds[piece], start, end, continues: piece > 0))
                    return false;
                from = to;
            }
        }
        return true;
    }

    private static int NoWord(out Vector128<byte> word)
    {
        word = default;
        return 0;
    }

    /// <summary>The ASCII letters and digits at the start of a text, lower-cased where the tokenizer does so, padded with zeros; 0 where there are none or more than 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int AsciiWord(ReadOnlySpan<char> text, out Vector128<byte> word)
    {
        Vector128<ushort> low, high;
        ref var first = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text));
        if (text.Length >= VectorLength)
        {
            low = Vector128.LoadUnsafe(ref first);
            high = Vector128.LoadUnsafe(ref first, 8);
        }
        else
        {
            Span<ushort> padded = stackalloc ushort[VectorLength];
            padded.Clear();
            MemoryMarshal.Cast<char, ushort>(text).CopyTo(padded);
            low = Vector128.Create<ushort>(padded);
            high = Vector128.Create<ushort>(padded[8..]);
        }
        var bytes = Vector128.NarrowWithSaturation(low, high);
        var letters = Vector128.LessThanOrEqual((bytes | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)25));
        var digits = Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)9));
        var length = BitOperations.TrailingZeroCount(~(letters | digits).ExtractMostSignificantBits());
        if (length >= VectorLength)
        {
            word = default;
            return 0;
        }
        var mask = Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(Prefixes), (nuint)(VectorLength - length));
        word = (bytes | (letters & _lowerBit)) & mask;
        return length;
    }

    /// <summary>Does a word that reaches up to a position end there?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool EndsWord(ReadOnlySpan<char> text, int index)
    {
        if ((uint)index >= (uint)text.Length || text[index] == ' ')
            return true;
        return !char.IsSurrogate(text[index]) && CharacterTable.Kind(_characters[text[index]]) is CharacterKind.Space or CharacterKind.Isolated;
    }

    private int SplitAscii<TSink>(Vector128<byte> bytes, int length, int start, ref WordBuffer word)
        where TSink : ITokenSink, allows ref struct
    {
        var (low, high) = Vector128.Widen(bytes);
        ref var destination = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(word.Characters));
        low.StoreUnsafe(ref destination);
        high.StoreUnsafe(ref destination, 8);
        (word.Length, word.CodePoints) = (length, length);
        for (var i = 0; TSink.NeedsOffsets && i < length; i++)
            (word.Starts[i], word.Ends[i]) = (start + i, start + i + 1);
        return Split(ref word);
    }

    /// <summary>Reads and normalizes a word.</summary>
    /// <returns>Where it ends in the text.</returns>
    private int ReadWord<TSink>(ReadOnlySpan<char> text, int start, int origin, ref WordBuffer word)
        where TSink : ITokenSink, allows ref struct
    {
        word.Clear();
        var i = start;
        while (i < text.Length)
        {
            var codePoint = CharacterTable.CodePointAt(text, i, out var units);
            var value = _characters[codePoint];
            switch (CharacterTable.Kind(value))
            {
                case CharacterKind.Space or CharacterKind.Isolated:
                    return i;
                case CharacterKind.Word:
                    Append<TSink>(ref word, CharacterTable.Replacement(value, codePoint), origin + i, origin + i + units);
                    break;
                case CharacterKind.Sequence:
                    foreach (var rune in _characters.Sequence(value).EnumerateRunes())
                        Append<TSink>(ref word, rune.Value, origin + i, origin + i + units);
                    break;
            }
            i += units;
        }
        return i;
    }

    /// <summary>Appends a code point to a word; one that makes it too long moves only its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append<TSink>(ref WordBuffer word, int codePoint, int start, int end)
        where TSink : ITokenSink, allows ref struct
    {
        if (++word.CodePoints > _maxCharacters)
        {
            if (TSink.NeedsOffsets)
                word.Ends[word.Length - 1] = end;
            return;
        }
        var units = 1;
        if (codePoint < 0x10000)
        {
            word.Characters[word.Length] = (char)codePoint;
        }
        else
        {
            units = 2;
            word.Characters[word.Length] = (char)((codePoint + ((0xD800u - 0x40) << 10)) >> 10);
            word.Characters[word.Length + 1] = (char)((codePoint & 0x3FF) + 0xDC00);
        }
        if (TSink.NeedsOffsets)
        {
            word.Starts.Slice(word.Length, units).Fill(start);
            word.Ends.Slice(word.Length, units).Fill(end);
        }
        word.Length += units;
    }

    /// <summary>The longest pieces from the left; one unknown token where they do not spell the whole word.</summary>
    /// <returns>Number of pieces.</returns>
    private int Split(ref WordBuffer word)
    {
        var (count, at, node) = (0, 0, 0);
        while (word.CodePoints <= _maxCharacters && at < word.Length && node >= 0)
        {
            var id = _trie.Longest(node, word.Characters[at..word.Length], out var length);
            if (id < 0)
                break;
            at += length;
            (word.PieceIds[count], word.PieceEnds[count]) = (id, at);
            count++;
            node = _continuation;
        }
        if (at == word.Length)
            return count;
        (word.PieceIds[0], word.PieceEnds[0]) = (_unkId, word.Length);
        return 1;
    }

    /// <summary>A normalized word, where its characters come from, and its pieces.</summary>
    private ref struct WordBuffer(Span<char> characters, Span<int> pieceIds, Span<int> pieceEnds, Span<int> starts, Span<int> ends)
    {
        public readonly Span<char> Characters = characters;
        public readonly Span<int> PieceIds = pieceIds;
        public readonly Span<int> PieceEnds = pieceEnds;
        public readonly Span<int> Starts = starts;
        public readonly Span<int> Ends = ends;
        public int Length;
        public int CodePoints;

        public void Clear() => (Length, CodePoints) = (0, 0);
    }
}
