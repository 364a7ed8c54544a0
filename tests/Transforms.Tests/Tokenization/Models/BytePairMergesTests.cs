using CsCheck;

namespace BertMl.Tokenization.Models;

[TestClass]
public sealed class BytePairMergesTests
{
    /// <summary>Ids 0 to 2 are characters; merge i makes id 3 + i of two ids before it.</summary>
    private static readonly Gen<(int, int, int)[]> _merges = Gen.Select(Gen.UInt, Gen.UInt)
        .Array[1, 12]
        .Select(pairs => pairs.Select((pair, i) => ((int)(pair.Item1 % (3 + i)), (int)(pair.Item2 % (3 + i)), 3 + i)).ToArray());

    [TestMethod]
    public void The_lowest_rank_is_merged_first_and_the_leftmost_of_equal_ones() =>
        Gen.Select(_merges, Gen.Int[0, 2].Array[0, 40])
            .Sample((merges, word) => CollectionAssert.AreEqual(Slowly(merges, word), Apply(merges, word).Select(symbol => symbol.Id).ToArray()), iter: 3_000);

    [TestMethod]
    public void Long_words_are_merged_as_short_ones_are() =>
        Gen.Select(_merges, Gen.Int[0, 2].Array[129, 400])
            .Sample((merges, word) => CollectionAssert.AreEqual(Slowly(merges, word), Apply(merges, word).Select(symbol => symbol.Id).ToArray()), iter: 200);

    [TestMethod]
    public void Lengths_are_added()
    {
        var symbols = Apply([(0, 1, 3), (3, 3, 4)], [0, 1, 0, 1, 2]);
        CollectionAssert.AreEqual(new[] { new Symbol(4, 4), new Symbol(2, 1) }, symbols);
    }

    [TestMethod]
    public void A_word_of_a_million_characters_is_merged_at_once()
    {
        var symbols = Apply([(0, 0, 3), (3, 3, 4), (4, 4, 5)], new int[1 << 20]);
        Assert.HasCount(1 << 17, symbols);
    }

    private static Symbol[] Apply((int, int, int)[] merges, int[] word)
    {
        Symbol[] symbols = [.. word.Select(id => new Symbol(id, 1))];
        return symbols[..new BytePairMerges(merges).Apply(symbols)];
    }

    private static int[] Slowly((int Left, int Right, int Merged)[] merges, int[] word)
    {
        var ids = word.ToList();
        while (true)
        {
            // Of a pair that occurs twice the later rank holds.
            var best = Enumerable
                .Range(0, Math.Max(0, ids.Count - 1))
                .Select(at => (Rank: Array.FindLastIndex(merges, merge => merge.Left == ids[at] && merge.Right == ids[at + 1]), At: at))
                .Where(pair => pair.Rank >= 0)
                .DefaultIfEmpty((Rank: -1, At: 0))
                .Min();
            if (best.Rank < 0)
                return [.. ids];
            ids[best.At] = merges[best.Rank].Merged;
            ids.RemoveAt(best.At + 1);
        }
    }
}
