using System.Text;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>Splits words at the characters that a test picks, each of which is a match by itself.</summary>
internal static class CharacterMatches
{
    [ThreadStatic]
    private static List<(int Start, int End)>? _matches;

    /// <summary>Splits every word.</summary>
    /// <param name="text">The text.</param>
    /// <param name="picks">Is a code point a match?</param>
    /// <param name="behavior">What becomes of the matches.</param>
    public static void Split(PreTokenizedText text, Func<int, bool> picks, SplitBehavior behavior)
    {
        var matches = _matches ??= [];
        foreach (var word in text.Words)
        {
            matches.Clear();
            for (var i = word.Start; i < word.End; )
            {
                Rune.DecodeFromUtf16(text.Characters[i..], out var rune, out var units);
                if (picks(rune.Value))
                    matches.Add((i - word.Start, i + units - word.Start));
                i += units;
            }
            behavior.Split(text, word, matches, invert: false);
        }
        text.CommitWords();
    }
}
