using System.Text;

namespace BertMl.Tokenization.Models;

/// <summary>
/// From lengths in UTF-8 bytes, as tokenizers counts them, to positions in a word in UTF-16. A piece that has only some bytes of a character covers the whole
/// character.
/// </summary>
/// <param name="word">The word.</param>
internal ref struct Utf8Offsets(ReadOnlySpan<char> word)
{
    private readonly ReadOnlySpan<char> _word = word;
    private int _bytes;
    private int _unit;
    private int _unitBytes;

    /// <summary>Where the next piece begins and ends.</summary>
    /// <param name="length">Its length in bytes.</param>
    public (int Start, int End) Next(int length)
    {
        Advance(_bytes, out var start, out _);
        _bytes += length;
        Advance(_bytes - 1, out _, out var end);
        return (start, end);
    }

    /// <summary>The units of the character that has a byte; the end of the word where it has fewer bytes.</summary>
    private void Advance(int position, out int start, out int end)
    {
        while (_unit < _word.Length)
        {
            Rune.DecodeFromUtf16(_word[_unit..], out var rune, out var units);
            (start, end) = (_unit, _unit + units);
            if (position < _unitBytes + rune.Utf8SequenceLength)
                return;
            (_unit, _unitBytes) = (end, _unitBytes + rune.Utf8SequenceLength);
        }
        (start, end) = (_word.Length, _word.Length);
    }
}
