using BertMl.Tokenization.PostProcessors;

namespace BertMl.Pretraining;

[TestClass]
public sealed class SequenceTests
{
    private const int Begin = 1,
        Separator = 2;
    private static readonly SpecialTokens Single = new([new(Begin, 0)], 0, [], 0, [new(Separator, 0)]);
    private static readonly SpecialTokens Pair = new([new(Begin, 0)], 0, [new(Separator, 0)], 1, [new(Separator, 1)]);

    [TestMethod]
    public void Packed_rows_are_full_and_run_on_across_documents()
    {
        var rows = new Rows();
        var packed = new PackedSequences(Single, Separator, 6, rows.Add);
        packed.Add([10, 11], 1);
        packed.Add([12], 1);
        packed.Add([20, 21, 22, 23], 2);
        packed.Add([30], 3);
        packed.Complete();
        CollectionAssert.AreEqual(new[] { "1 10 11 12 2 2", "1 20 21 22 23 2" }, rows.Text);
    }

    [TestMethod]
    public void Packed_rows_hold_every_token_in_order()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var trial = 0; trial < 200; trial++)
        {
            var rows = new Rows();
            var packed = new PackedSequences(Single, Separator, random.Next(8, 20), rows.Add);
            var given = new List<int>();
            for (var line = 0; line < 40; line++)
            {
                var tokens = Enumerable.Range(100, random.Next(1, 30)).ToArray();
                packed.Add(tokens, line / 3);
                given.AddRange(tokens);
            }
            packed.Complete();
            var kept = rows.All.SelectMany(row => row.Ids).Where(id => id >= 100).ToArray();
            CollectionAssert.AreEqual(given[..kept.Length], kept, $"seed {seed}, trial {trial}");
            Assert.IsLessThan(rows.All[0].Ids.Length, given.Count - kept.Length, $"seed {seed}: no more than one row is left out");
            Assert.IsTrue(
                rows.All.TrueForAll(row => row.Ids[0] == Begin && row.Ids[^1] == Separator && row.Ids.Length == rows.All[0].Ids.Length),
                $"seed {seed}, trial {trial}"
            );
        }
    }

    [TestMethod]
    public void Each_line_has_its_own_rows()
    {
        var rows = new Rows();
        var lines = new LineSequences(Single, 5, rows.Add);
        lines.Add([10], 1);
        lines.Add([11, 12, 13, 14], 1);
        CollectionAssert.AreEqual(new[] { "1 10 2", "1 11 12 13 2", "1 14 2" }, rows.Text);
    }

    [TestMethod]
    public void Half_of_the_pairs_follow_each_other_and_half_are_of_another_document()
    {
        // The token 1000 × document + place tells where it is from.
        const int documents = 400,
            perDocument = 60,
            length = 32;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var rows = new Rows();
        var pairs = new SentencePairs(Pair, length, (ulong)seed, rows.Add, tokensAtOnce: 9_000);
        for (var document = 1; document <= documents; document++)
        {
            for (int place = 0, next; place < perDocument; place = next)
            {
                next = Math.Min(perDocument, place + random.Next(1, 10));
                pairs.Add(Enumerable.Range(1000 * document + place, next - place).ToArray(), document);
            }
        }
        pairs.Complete();
        foreach (var (ids, firstCount, nextSentence) in rows.All)
        {
            var (first, second) = (ids[1..(firstCount - 1)], ids[firstCount..^1]);
            Assert.IsTrue(ids[0] == Begin && ids[firstCount - 1] == Separator && ids[^1] == Separator && ids.Length <= length, $"seed {seed}");
            Assert.IsTrue(IsRun(first) && IsRun(second), $"seed {seed}: each part is a run of one document");
            var isSame = first[0] / 1000 == second[0] / 1000;
            Assert.AreEqual(nextSentence == 0, isSame, $"seed {seed}");
            Assert.IsTrue(!isSame || second[0] > first[^1], $"seed {seed}: B comes after A");
        }
        var used = rows.All.SelectMany(row => row.Ids).Where(id => id >= 1000).Distinct().Count();
        Assert.IsGreaterThan(0.9 * documents * perDocument, used, $"seed {seed}: few tokens are cut off");
        // 400 documents of 60 tokens give about 1,500 rows; last rows of one sentence are always random.
        Assert.AreEqual(0.55, rows.All.Average(row => row.NextSentence), 0.1, $"seed {seed}");
        Assert.IsGreaterThan(20, rows.All.Count(row => row.Ids.Length < length / 2), $"seed {seed}: some rows are short");
    }

    [TestMethod]
    public void The_seed_decides_the_pairs()
    {
        CollectionAssert.AreEqual(Pairs(1), Pairs(1));
        CollectionAssert.AreNotEqual(Pairs(1), Pairs(2));

        static string[] Pairs(ulong seed)
        {
            var rows = new Rows();
            var pairs = new SentencePairs(Pair, 12, seed, rows.Add);
            for (var i = 0; i < 90; i++)
                pairs.Add([10 + i, 10 + i, 10 + i], i / 9);
            pairs.Complete();
            return rows.Text;
        }
    }

    [TestMethod]
    [DataRow(1, 5)]
    [DataRow(5, 1)]
    public void Pairs_need_two_documents_and_two_sentences(int documents, int sentences)
    {
        var pairs = new SentencePairs(Pair, 12, 1, new Rows().Add);
        for (var i = 0; i < documents * sentences; i++)
            pairs.Add([5, 6, 7], i / sentences);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(pairs.Complete).Message, "at least two documents");
    }

    private static bool IsRun(int[] ids) => ids.Length > 0 && Enumerable.Range(ids[0], ids.Length).SequenceEqual(ids);

    private sealed class Rows
    {
        public List<(int[] Ids, int FirstCount, int NextSentence)> All { get; } = [];

        public string[] Text => [.. All.Select(row => string.Join(' ', row.Ids))];

        public void Add(ReadOnlySpan<int> ids, int firstCount, int nextSentence) => All.Add((ids.ToArray(), firstCount, nextSentence));
    }
}
