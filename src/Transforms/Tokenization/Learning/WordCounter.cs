using System.Runtime.InteropServices;

namespace BertMl.Tokenization.Learning;

/// <summary>Receives the words of a text.</summary>
internal sealed class WordCounts
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _byCharacters;

    public WordCounts() => _byCharacters = _counts.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Count of each word.</summary>
    public Dictionary<string, long> Counts => _counts;

    /// <summary>Counts a word.</summary>
    public void Add(ReadOnlySpan<char> word) => CollectionsMarshal.GetValueRefOrAddDefault(_byCharacters, word, out _)++;
}

/// <summary>Counts the words of a text.</summary>
internal delegate void CountWords(ReadOnlySpan<char> text, WordCounts counts);

/// <summary>Counts the words of texts of any length, on all cores, in bounded memory; the counts do not depend on the number of cores.</summary>
/// <param name="countWords">Normalizes a text, splits it and counts the words.</param>
/// <param name="maximumDistinctWords">Different words that are kept at most.</param>
internal sealed class WordCounter(CountWords countWords, int maximumDistinctWords)
{
    private const int CharactersPerBlock = 1 << 18;
    private const int TextsPerBlock = 1 << 14;

    /// <summary>Count of each word.</summary>
    public Dictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>Counts the words of texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="counted">Called with the number of texts after every portion.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public void Add(IEnumerable<ReadOnlyMemory<char>> texts, Action<int> counted, CancellationToken cancellationToken)
    {
        foreach (var blocks in Blocks(texts).Chunk(Environment.ProcessorCount * 2))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var counts = new Dictionary<string, long>[blocks.Length];
            Parallel.For(0, blocks.Length, i => counts[i] = Count(blocks[i]));
            foreach (var count in counts)
                Merge(count);
            counted(blocks.Sum(block => block.Count));
        }
    }

    private static IEnumerable<List<ReadOnlyMemory<char>>> Blocks(IEnumerable<ReadOnlyMemory<char>> texts)
    {
        var (block, length) = (new List<ReadOnlyMemory<char>>(), 0L);
        foreach (var text in texts)
        {
            block.Add(text);
            length += text.Length;
            if (length < CharactersPerBlock && block.Count < TextsPerBlock)
                continue;
            yield return block;
            (block, length) = ([], 0);
        }
        if (block.Count > 0)
            yield return block;
    }

    private Dictionary<string, long> Count(List<ReadOnlyMemory<char>> texts)
    {
        var counts = new WordCounts();
        foreach (var text in texts)
            countWords(text.Span, counts);
        return counts.Counts;
    }

    private void Merge(Dictionary<string, long> counts)
    {
        foreach (var (word, count) in counts)
            CollectionsMarshal.GetValueRefOrAddDefault(Counts, word, out _) += count;
        // Which words are forgotten follows from the blocks alone, and those from the texts, so every run forgets the same.
        for (var rare = 1L; Counts.Count > maximumDistinctWords; rare *= 2)
        {
            foreach (var (word, count) in Counts)
            {
                if (count <= rare)
                    Counts.Remove(word);
            }
        }
    }
}
