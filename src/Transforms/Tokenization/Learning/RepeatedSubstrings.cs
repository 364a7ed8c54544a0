using System.Text;

namespace BertMl.Tokenization.Learning;

/// <summary>The pieces that learning a Unigram vocabulary begins from: the strings that occur in more than one place of the words.</summary>
internal static class RepeatedSubstrings
{
    /// <summary>Finds strings of at least two characters that occur at least twice, and that no longer string always stands for.</summary>
    /// <param name="words">The words and their counts.</param>
    /// <param name="longest">The most characters of a string.</param>
    /// <returns>Each string, and how often the words have it.</returns>
    public static List<(string Text, long Count)> Find(IReadOnlyList<(string Text, long Count)> words, int longest)
    {
        // All suffixes in order. The strings sought are the beginnings that neighbours share (the inner nodes of the suffix tree), and the suffixes of
        // repeated words (leaves).
        var (characters, wordOf) = Flatten(words);
        int[] suffixes = [.. Enumerable.Range(0, characters.Length).Where(at => characters[at] != 0)];
        Array.Sort(suffixes, (a, b) => Compare(characters, a, b, longest));
        var found = new List<(string, long)>();
        var open = new Stack<(int Length, long Count)>();
        var common = 0;
        for (var i = 0; i < suffixes.Length; i++)
        {
            var before = common;
            common = i + 1 < suffixes.Length ? Common(characters, suffixes[i], suffixes[i + 1], longest + 1) : 0;
            var count = words[wordOf[suffixes[i]]].Count;
            var length = LengthToEnd(characters, suffixes[i], longest + 1);
            if (count > 1 && length > Math.Max(before, common))
                Add(length, i, count);
            while (open.TryPeek(out var node) && node.Length > common)
            {
                open.Pop();
                count += node.Count;
                Add(node.Length, i, count);
            }
            if (open.TryPeek(out var parent) && parent.Length == common)
                open.Push((common, open.Pop().Count + count));
            else
                open.Push((common, count));
        }
        return found;

        void Add(int length, int suffix, long count)
        {
            if (length >= 2 && length <= longest)
                found.Add((Text(characters.AsSpan(suffixes[suffix], length)), count));
        }
    }

    /// <summary>The characters of all words, each word ended by 0, and the word that each is of.</summary>
    private static (int[] Characters, int[] WordOf) Flatten(IReadOnlyList<(string Text, long Count)> words)
    {
        var (characters, wordOf) = (new List<int>(), new List<int>());
        for (var word = 0; word < words.Count; word++)
        {
            foreach (var rune in words[word].Text.EnumerateRunes())
            {
                if (rune.Value != 0)
                    characters.Add(rune.Value);
            }
            characters.Add(0);
            while (wordOf.Count < characters.Count)
                wordOf.Add(word);
        }
        return ([.. characters], [.. wordOf]);
    }

    private static int Compare(int[] characters, int a, int b, int longest)
    {
        var common = Common(characters, a, b, longest + 1);
        return common > longest ? 0 : characters[a + common].CompareTo(characters[b + common]);
    }

    /// <summary>How many characters two suffixes share, up to a limit or the end of a word.</summary>
    private static int Common(int[] characters, int a, int b, int limit)
    {
        var length = 0;
        while (length < limit && characters[a + length] == characters[b + length] && characters[a + length] != 0)
            length++;
        return length;
    }

    private static int LengthToEnd(int[] characters, int at, int limit)
    {
        var length = 0;
        while (length < limit && characters[at + length] != 0)
            length++;
        return length;
    }

    private static string Text(ReadOnlySpan<int> characters)
    {
        var text = new StringBuilder(characters.Length);
        foreach (var character in characters)
            text.Append(new Rune(character));
        return text.ToString();
    }
}
