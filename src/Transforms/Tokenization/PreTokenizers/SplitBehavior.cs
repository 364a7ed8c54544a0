using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

/// <summary>What becomes of the parts of a word that a pattern matches; names as in tokenizers' SplitDelimiterBehavior.</summary>
internal enum SplitBehavior
{
    /// <summary>Left out.</summary>
    Removed,

    /// <summary>Words by themselves.</summary>
    Isolated,

    /// <summary>Joined to the word before.</summary>
    MergedWithPrevious,

    /// <summary>Joined to the word behind.</summary>
    MergedWithNext,

    /// <summary>Words by themselves, neighbouring ones joined.</summary>
    Contiguous,
}

/// <summary>Splits words at matches.</summary>
internal static class SplitBehaviors
{
    /// <summary>Reads a behaviour.</summary>
    public static SplitBehavior Read(JsonField behavior) =>
        Enum.TryParse<SplitBehavior>(behavior.String(), out var value) && value.ToString() == behavior.String()
            ? value
            : throw behavior.Wrong(string.Join(" or ", Enum.GetNames<SplitBehavior>()));

    /// <summary>Lists the words that a word becomes.</summary>
    /// <param name="behavior">What becomes of the matches.</param>
    /// <param name="text">Receives the words.</param>
    /// <param name="word">The word.</param>
    /// <param name="matches">The matches in it, from the front, by position in the word.</param>
    /// <param name="invert">Are the parts between the matches meant?</param>
    public static void Split(this SplitBehavior behavior, PreTokenizedText text, Word word, List<(int Start, int End)> matches, bool invert)
    {
        // One part waits, since what follows may be joined to it.
        var (start, end, waits, waitsForNext) = (word.Start, word.Start, false, false);
        var wasMatch = false;
        var at = 0;
        foreach (var (from, to) in matches)
        {
            Between(at, from);
            Part(from, to, !invert);
            at = to;
        }
        Between(at, word.End - word.Start);
        if (waits)
            text.AddWord(start, end);

        void Between(int from, int to)
        {
            if (from < to)
                Part(from, to, invert);
        }

        // An empty match is no word, but it parts those around it.
        void Part(int from, int to, bool isMatch)
        {
            var joins =
                waits
                && (
                    (waitsForNext && !isMatch)
                    || (behavior == SplitBehavior.Contiguous && isMatch == wasMatch)
                    || (behavior == SplitBehavior.MergedWithPrevious && isMatch && !wasMatch)
                );
            if (waits && !joins)
                text.AddWord(start, end);
            (start, end) = (joins ? start : word.Start + from, word.Start + to);
            waits = !(isMatch && behavior == SplitBehavior.Removed);
            waitsForNext = isMatch && behavior == SplitBehavior.MergedWithNext;
            wasMatch = isMatch;
        }
    }
}
