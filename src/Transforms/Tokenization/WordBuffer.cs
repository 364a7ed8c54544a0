using System.Runtime.CompilerServices;

namespace BertMl.Tokenization;

/// <summary>A normalized word, where its characters come from, and room for its pieces.</summary>
/// <param name="maxCodePoints">A word of more code points is read to its end, but only so many are kept.</param>
/// <param name="characters">Room for the characters.</param>
/// <param name="starts">Room for the first unit of the text that each comes from; empty where offsets are not needed.</param>
/// <param name="ends">Room for one past the last.</param>
internal ref struct WordBuffer(int maxCodePoints, Span<char> characters, Span<int> starts, Span<int> ends)
{
    public readonly Span<char> Characters = characters;
    public readonly Span<int> Starts = starts;
    public readonly Span<int> Ends = ends;

    /// <summary>Characters kept.</summary>
    public int Length;

    /// <summary>Code points read.</summary>
    public int CodePoints;

    /// <summary>Room that a word needs: two units a code point, and a whole vector more.</summary>
    public static int Capacity(int maxCodePoints) => (maxCodePoints * 2) + 16;

    /// <summary>Is it longer than a word may be?</summary>
    public readonly bool TooLong => CodePoints > maxCodePoints;

    /// <summary>Reads the word that begins at a position, or skips what belongs to none, leaving the buffer empty.</summary>
    /// <param name="characters">Normalizes.</param>
    /// <param name="text">The text.</param>
    /// <param name="index">Where to begin.</param>
    /// <param name="origin">Added to the offsets.</param>
    /// <returns>Where to go on.</returns>
    public int Read(CharacterTable characters, ReadOnlySpan<char> text, int index, int origin)
    {
        (Length, CodePoints) = (0, 0);
        while (index < text.Length)
        {
            var codePoint = CharacterTable.CodePointAt(text, index, out var units);
            var value = characters[codePoint];
            var (start, end) = (origin + index, origin + index + units);
            switch (CharacterTable.Kind(value))
            {
                case CharacterKind.Word:
                    Append(CharacterTable.Replacement(value, codePoint), start, end);
                    break;
                case CharacterKind.Sequence:
                    foreach (var rune in characters.Sequence(value).EnumerateRunes())
                        Append(rune.Value, start, end);
                    break;
                case CharacterKind.Space:
                    return Length > 0 ? index : index + units;
                case CharacterKind.Isolated:
                    if (Length > 0)
                        return index;
                    Append(CharacterTable.Replacement(value, codePoint), start, end);
                    return index + units;
            }
            index += units;
        }
        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(int codePoint, int start, int end)
    {
        if (++CodePoints > maxCodePoints)
        {
            if (!Ends.IsEmpty)
                Ends[Length - 1] = end;
            return;
        }
        var units = 1;
        if (codePoint < 0x10000)
        {
            Characters[Length] = (char)codePoint;
        }
        else
        {
            units = 2;
            Characters[Length] = (char)(((codePoint - 0x10000) >> 10) + 0xD800);
            Characters[Length + 1] = (char)((codePoint & 0x3FF) + 0xDC00);
        }
        if (!Ends.IsEmpty)
        {
            Starts.Slice(Length, units).Fill(start);
            Ends.Slice(Length, units).Fill(end);
        }
        Length += units;
    }
}
