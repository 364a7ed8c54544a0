using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;

namespace BertMl.Tokenization;

/// <summary>
/// From text to WordPiece ids: normalization, words, and the longest pieces from the left, in one pass and without allocation. Words of up to 15 ASCII letters
/// and digits are classified, lower-cased and looked up whole in one vector register; everything else goes through <see cref="CharacterTable"/>, then the trie.
/// </summary>
internal sealed class WordPieceEncoder : TextEncoder
{
    private const int VectorLength = 16;

    private readonly WordPieceModel _model;
    private readonly CharacterTable _characters;
    private readonly PieceTrie _trie;
    private readonly AsciiWordTable _words;

    /// <summary>Ids of the ASCII characters that are words by themselves, such as punctuation; -1 for the others, and where there is no such token.</summary>
    private readonly int[] _isolated;
    private readonly int _unkId;
    private readonly int _continuation;
    private readonly int _maxCodePoints;
    private readonly bool _vectorWords;
    private readonly Vector128<byte> _lowerBit;

    public WordPieceEncoder(WordPieceModel model, BertNormalizer normalizer)
    {
        _model = model;
        _characters = normalizer.Characters;
        _trie = model.Trie;
        _words = new AsciiWordTable([
            .. model
                .Vocabulary.Tokens.Index()
                .Where(token => token.Item is not null && token.Item.All(char.IsAsciiLetterOrDigit))
                .Select(token => (token.Item!, token.Index)),
        ]);
        _unkId = model.UnkId;
        _continuation = _trie.Find(model.Prefix);
        _maxCodePoints = model.MaxInputCharacters;
        _vectorWords = _maxCodePoints >= VectorLength;
        _lowerBit = Vector128.Create(normalizer.Lowercase ? (byte)0x20 : (byte)0);
        _isolated = [.. Enumerable.Range(0, 128).Select(Isolated)];

        int Isolated(int character)
        {
            var value = _characters[character];
            if (CharacterTable.Kind(value) != CharacterKind.Isolated || _maxCodePoints < 1)
                return -1;
            var node = _trie.Next(0, (char)CharacterTable.Replacement(value, character));
            return node == 0 ? -1 : _trie.IdAt(node);
        }
    }

    /// <summary>Tokenizes a text without special tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="origin">Added to every offset: where the text stands in the whole.</param>
    /// <param name="sink">Receives the tokens.</param>
    /// <returns>False where the sink ended it.</returns>
    [SkipLocalsInit]
    public override bool Encode<TSink>(ReadOnlySpan<char> text, int origin, ref TSink sink)
    {
        var capacity = WordBuffer.Capacity(_maxCodePoints);
        var offsets = TSink.NeedsOffsets ? capacity : 0;
        var word = new WordBuffer(_maxCodePoints, stackalloc char[capacity], stackalloc int[offsets], stackalloc int[offsets]);
        Span<Piece> pieces = stackalloc Piece[capacity];
        var i = 0;
        while (i < text.Length)
        {
            Vector128<byte> bytes = default;
            var length = _vectorWords ? AsciiWord(text[i..], out bytes) : 0;
            if (length > 0 && EndsWord(text, i + length))
            {
                var start = origin + i;
                i += length;
                if (i < text.Length && text[i] == ' ')
                    i++;
                var id = _words.Find(bytes);
                if (id >= 0)
                {
                    if (!sink.Add(id, start, start + length, continues: false))
                        return false;
                    continue;
                }
                Fill(ref word, bytes, length, start);
            }
            else if (length == 0 && text[i] < _isolated.Length && _isolated[text[i]] is >= 0 and var id)
            {
                var start = origin + i++;
                if (i < text.Length && text[i] == ' ')
                    i++;
                if (!sink.Add(id, start, start + 1, continues: false))
                    return false;
                continue;
            }
            else
            {
                i = word.Read(_characters, text, i, origin);
            }
            var count = Split(word, pieces);
            var from = 0;
            for (var piece = 0; piece < count; piece++)
            {
                var (id, to) = pieces[piece];
                var (start, end) = TSink.NeedsOffsets ? (word.Starts[from], word.Ends[to - 1]) : (0, 0);
                if (!sink.Add(id, start, end, continues: piece > 0))
                    return false;
                from = to;
            }
        }
        return true;
    }

    /// <summary>The ASCII letters and digits at the start of a text, lower-cased where the tokenizer does so, padded with zeros.</summary>
    /// <returns>How many there are; 0 also where there are more than 15.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int AsciiWord(ReadOnlySpan<char> text, out Vector128<byte> word)
    {
        var bytes = AsciiWordTable.Narrow(text);
        var letters = Vector128.LessThanOrEqual((bytes | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)25));
        var digits = Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)9));
        var length = BitOperations.TrailingZeroCount(~(letters | digits).ExtractMostSignificantBits()) & (VectorLength - 1);
        word = AsciiWordTable.First(bytes | (letters & _lowerBit), length);
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

    private static void Fill(ref WordBuffer word, Vector128<byte> bytes, int length, int start)
    {
        var (low, high) = Vector128.Widen(bytes);
        ref var destination = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(word.Characters));
        low.StoreUnsafe(ref destination);
        high.StoreUnsafe(ref destination, 8);
        (word.Length, word.CodePoints) = (length, length);
        for (var i = 0; i < length && i < word.Starts.Length; i++)
            (word.Starts[i], word.Ends[i]) = (start + i, start + i + 1);
    }

    /// <summary>The longest pieces from the left; one unknown token where they do not spell the whole word.</summary>
    /// <returns>Number of pieces.</returns>
    private int Split(in WordBuffer word, Span<Piece> pieces)
    {
        var rest = (ReadOnlySpan<char>)word.Characters[..word.Length];
        var (count, node) = (0, 0);
        while (!rest.IsEmpty && node >= 0 && !word.TooLong)
        {
            var id = _trie.Longest(node, rest, out var length);
            if (id < 0)
                break;
            rest = rest[length..];
            pieces[count++] = new Piece(id, word.Length - rest.Length);
            node = _continuation;
        }
        if (rest.IsEmpty)
            return count;
        pieces[0] = new Piece(_unkId >= 0 ? _unkId : throw _model.MissingUnk(), word.Length);
        return 1;
    }

    /// <summary>A piece of a word, and where in the word it ends.</summary>
    private readonly record struct Piece(int Id, int End);
}
