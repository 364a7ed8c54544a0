namespace BertMl.Tokenization;

/// <summary>
/// The printable character that stands for each byte in a byte-level vocabulary: the byte itself where it is printable in Latin-1, else U+0100 and on, in the
/// order of the bytes. A space is Ġ (U+0120), a line feed Ċ (U+010A).
/// </summary>
/// <remarks>Radford et al. 2019, "Language Models are Unsupervised Multitask Learners" (GPT-2).</remarks>
internal static class ByteCharacters
{
    private static readonly string _characters = string.Create(
        256,
        0,
        static (characters, _) =>
        {
            var next = '\u0100';
            for (var value = 0; value < characters.Length; value++)
                characters[value] = IsPrintable(value) ? (char)value : next++;
        }
    );

    private static readonly short[] _bytes = Invert();

    /// <summary>The character of a space, as which most words of a byte-level vocabulary begin.</summary>
    public const char Space = '\u0120';

    /// <summary>The characters of all bytes, in order.</summary>
    public static ReadOnlySpan<char> All => _characters;

    /// <summary>The character of a byte.</summary>
    public static char Of(byte value) => _characters[value];

    /// <summary>The byte that a character stands for, or -1.</summary>
    public static int ByteOf(char character) => character < _bytes.Length ? _bytes[character] : -1;

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static short[] Invert()
    {
        var bytes = new short[_characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < _characters.Length; value++)
            bytes[_characters[value]] = (short)value;
        return bytes;
    }
}
