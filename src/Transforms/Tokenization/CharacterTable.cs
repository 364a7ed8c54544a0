using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;

namespace BertMl.Tokenization;

/// <summary>What becomes of a character.</summary>
internal enum CharacterKind
{
    /// <summary>Part of a word, perhaps as another character.</summary>
    Word,

    /// <summary>Dropped; what stands on both sides of it is joined.</summary>
    Removed,

    /// <summary>Ends a word.</summary>
    Space,

    /// <summary>A word by itself: punctuation, and Chinese characters.</summary>
    Isolated,

    /// <summary>Part of a word, as several characters: a Hangul syllable, decomposed.</summary>
    Sequence,
}

/// <summary>
/// BERT's normalizer and pre-tokenizer compiled into one look-up a code point: cleaning, Chinese characters, accents, lower case, white space and punctuation,
/// in the order in which Hugging Face's BertNormalizer and BertPreTokenizer apply them.
/// </summary>
internal sealed class CharacterTable
{
    private const int KindBits = 3;

    /// <summary>The tables made so far; there are 16 ways to treat a character.</summary>
    private static readonly ConcurrentDictionary<(bool Lowercase, bool StripAccents, bool HandleChinese, bool CleanText), CharacterTable> _tables = new();

    private static readonly (int First, int Last)[] _chinese =
    [
        (0x4E00, 0x9FFF),
        (0x3400, 0x4DBF),
        (0x20000, 0x2A6DF),
        (0x2A700, 0x2B73F),
        (0x2B740, 0x2B81F),
        (0x2B920, 0x2CEAF),
        (0xF900, 0xFAFF),
        (0x2F800, 0x2FA1F),
    ];

    private readonly ushort[] _blocks = new ushort[0x110000 >> 8];
    private readonly List<string> _sequences = [];
    private uint[] _values = new uint[1 << 17];
    private int _blockCount = 1;

    private CharacterTable(bool lowercase, bool strip, bool handleChinese, bool cleanText)
    {
        var unicode = UnicodeTables.Instance;
        if (strip || lowercase)
        {
            foreach (var codePoint in unicode.Changing)
                SetWord(codePoint, Normalize(unicode, codePoint, strip, lowercase));
        }
        if (strip)
        {
            foreach (var codePoint in unicode.Marks)
                Set(codePoint, CharacterKind.Removed, 0);
        }
        var punctuation = unicode.Punctuation.ToHashSet();
        foreach (var codePoint in punctuation.Concat(unicode.Changing))
        {
            if (punctuation.Contains(Replacement(codePoint)))
                Set(codePoint, CharacterKind.Isolated, Replacement(codePoint));
        }
        foreach (var codePoint in unicode.Spaces)
            Set(codePoint, CharacterKind.Space, 0);
        if (handleChinese)
            IsolateChinese();
        if (cleanText)
        {
            foreach (var codePoint in unicode.Removed.Where(c => c is not ('\t' or '\n' or '\r')).Concat([0, 0xFFFD]))
                Set(codePoint, CharacterKind.Removed, 0);
        }
    }

    /// <summary>The table of a way to treat text, made once.</summary>
    public static CharacterTable For(bool cleanText, bool handleChinese, bool stripAccents, bool lowercase) =>
        _tables.GetOrAdd(
            (lowercase, stripAccents, handleChinese, cleanText),
            key => new CharacterTable(key.Lowercase, key.StripAccents, key.HandleChinese, key.CleanText)
        );

    /// <summary>
    /// Is a code point a Chinese character? Ranges of Google's BERT and of tokenizers; 2B920 is tokenizers' misprint of 2B820, kept for equal ids.
    /// </summary>
    public static bool IsChinese(int codePoint)
    {
        foreach (var (first, last) in _chinese)
        {
            if (codePoint >= first && codePoint <= last)
                return true;
        }
        return false;
    }

    /// <summary>Kind and replacement of a code point, packed.</summary>
    public uint this[int codePoint]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _values[(_blocks[codePoint >> 8] << 8) | (codePoint & 0xFF)];
    }

    public static CharacterKind Kind(uint value) => (CharacterKind)(value & ((1 << KindBits) - 1));

    /// <summary>The code point that stands for one that is a word character or isolated.</summary>
    public static int Replacement(uint value, int codePoint) => value >> KindBits is 0 ? codePoint : (int)(value >> KindBits);

    /// <summary>The characters that stand for one of kind Sequence.</summary>
    public string Sequence(uint value) => _sequences[(int)(value >> KindBits)];

    /// <summary>The code point at a position, and how many characters it takes; U+FFFD for a lone surrogate, as in any conversion to UTF-8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CodePointAt(ReadOnlySpan<char> text, int index, out int length)
    {
        length = 1;
        int c = text[index];
        if ((uint)(c - 0xD800) >= 0x800)
            return c;
        if (c >= 0xDC00 || index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1]))
            return 0xFFFD;
        length = 2;
        return char.ConvertToUtf32((char)c, text[index + 1]);
    }

    private static string Normalize(UnicodeTables unicode, int codePoint, bool strip, bool lowercase)
    {
        var text = strip ? unicode.Strip(codePoint) : char.ConvertFromUtf32(codePoint);
        return lowercase ? string.Concat(text.EnumerateRunes().Select(rune => unicode.Lower(rune.Value))) : text;
    }

    private int Replacement(int codePoint) => Kind(this[codePoint]) == CharacterKind.Word ? Replacement(this[codePoint], codePoint) : -1;

    private void IsolateChinese()
    {
        foreach (var (first, last) in _chinese)
        {
            for (var codePoint = first; codePoint <= last; codePoint++)
                Set(codePoint, CharacterKind.Isolated, Replacement(this[codePoint], codePoint));
        }
    }

    private void SetWord(int codePoint, string replacement)
    {
        if (replacement.Length == 0)
        {
            Set(codePoint, CharacterKind.Removed, 0);
        }
        else if (Rune.TryGetRuneAt(replacement, 0, out var rune) && rune.Utf16SequenceLength == replacement.Length)
        {
            Set(codePoint, CharacterKind.Word, rune.Value);
        }
        else
        {
            Set(codePoint, CharacterKind.Sequence, _sequences.Count);
            _sequences.Add(replacement);
        }
    }

    private void Set(int codePoint, CharacterKind kind, int payload)
    {
        var block = codePoint >> 8;
        if (_blocks[block] == 0)
        {
            _blocks[block] = (ushort)_blockCount++;
            if (_blockCount << 8 > _values.Length)
                Array.Resize(ref _values, _values.Length * 2);
        }
        _values[(_blocks[block] << 8) | (codePoint & 0xFF)] = ((uint)payload << KindBits) | (uint)kind;
    }
}
