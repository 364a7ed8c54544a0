using System.Runtime.InteropServices;

namespace BertMl.Tokenization;

/// <summary>Counts the normalized words of a text of any length, on all cores, in bounded memory; the counts do not depend on the number of cores.</summary>
/// <param name="characters">Normalizes and splits.</param>
/// <param name="options">Longest word, and how many different words are kept.</param>
internal sealed class WordCounter(CharacterTable characters, VocabularyLearningOptions options)
{
    private const int CharactersPerBlock = 1 << 18;
    private const int TextsPerBlock = 1 << 14;

    /// <summary>Count of each word.</summary>
    public Dictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    public void Add(IEnumerable<ReadOnlyMemory<char>> texts, CancellationToken cancellationToken)
    {
        foreach (var blocks in Blocks(texts).Chunk(Environment.ProcessorCount * 2))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var counts = new Dictionary<string, long>[blocks.Length];
            Parallel.For(0, blocks.Length, i => counts[i] = Count(blocks[i]));
            foreach (var count in counts)
                Merge(count);
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
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var byCharacters = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var longest = options.Tokenizer.MaxInputCharactersPerWord;
        var word = new WordBuffer(longest, stackalloc char[WordBuffer.Capacity(longest)], [], []);
        foreach (var text in texts)
        {
            for (var i = 0; i < text.Length; )
            {
                i = word.Read(characters, text.Span, i, origin: 0);
                if (word.Length > 0 && !word.TooLong)
                    CollectionsMarshal.GetValueRefOrAddDefault(byCharacters, word.Characters[..word.Length], out _)++;
            }
        }
        return counts;
    }

    private void Merge(Dictionary<string, long> counts)
    {
        foreach (var (word, count) in counts)
            CollectionsMarshal.GetValueRefOrAddDefault(Counts, word, out _) += count;
        // Which words are forgotten follows from the blocks alone, and those from the texts, so every run forgets the same.
        for (var rare = 1L; Counts.Count > options.MaximumDistinctWords; rare *= 2)
        {
            foreach (var (word, count) in Counts)
            {
                if (count <= rare)
                    Counts.Remove(word);
            }
        }
    }
}
