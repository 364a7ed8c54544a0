using BertMl.Tokenization;
using BertMl.Tokenization.Learning;

namespace BertMl.Masking;

[TestClass]
public sealed class TokenMaskerTests
{
    private const int Special = 5,
        Tokens = 1_000_000;

    // 0 to 4 are special, then 100 beginnings of words, then 100 continuations.
    private static readonly PretrainedTokenizer s_tokenizer = WordPieceTokenizer.Create([
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        .. Enumerable.Range(0, 100).Select(i => $"w{i}"),
        .. Enumerable.Range(0, 100).Select(i => $"##c{i}"),
    ]);

    [TestMethod]
    [DataRow(MaskingStrategy.Uniform, 0.15, 0.8, 0.1, 0.1)]
    [DataRow(MaskingStrategy.Uniform, 0.4, 1, 0, 0)]
    [DataRow(MaskingStrategy.Uniform, 0.3, 0, 0, 1)]
    [DataRow(MaskingStrategy.WholeWord, 0.15, 0.8, 0.1, 0.1)]
    [DataRow(MaskingStrategy.WholeWord, 0.3, 0.5, 0.5, 0)]
    [DataRow(MaskingStrategy.WholeWord, 0.4, 0, 1, 0)]
    [DataRow(MaskingStrategy.Span, 0.15, 0.8, 0.1, 0.1)]
    [DataRow(MaskingStrategy.Span, 0.3, 0.5, 0, 0.5)]
    [DataRow(MaskingStrategy.Span, 0.4, 0, 1, 0)]
    public void Rate_and_split_are_within_a_fifth_of_a_point(MaskingStrategy strategy, double rate, double mask, double random, double keep)
    {
        var options = new MaskingOptions
        {
            Strategy = strategy,
            Rate = rate,
            MaskShare = mask,
            RandomShare = random,
            KeepShare = keep,
        };
        // A fifth of a point is then more than four standard deviations. Tokens of a span become the same: where each seed is to do, there would have to be
        // fifty million.
        var (counts, seed) = strategy == MaskingStrategy.Span ? Count(options, 8 * Tokens, seed: 1) : Count(options, 6 * Tokens);
        Assert.AreEqual(rate, (double)counts.Chosen / counts.Maskable, 0.002, $"rate, seed {seed}");
        Assert.AreEqual(mask, (double)counts.Masked / counts.Chosen, 0.002, $"[MASK], seed {seed}");
        // One random token in 200 is the one that was there.
        Assert.AreEqual(random * 199 / 200, (double)counts.Replaced / counts.Chosen, 0.002, $"random, seed {seed}");
        Assert.AreEqual(keep + random / 200, (double)counts.Kept / counts.Chosen, 0.002, $"kept, seed {seed}");
    }

    public static IEnumerable<object[]> LearnedTokenizers =>
        [
            ["WordPiece"],
            ["byte-level BPE"],
            ["Unigram"],
        ];

    [TestMethod]
    [DynamicData(nameof(LearnedTokenizers))]
    public void Whole_words_are_those_of_the_tokenizer(string kind)
    {
        const string text = "quick brown foxes jumped over lazily sleeping dogs while quicker browner foxes slept";
        PretrainedTokenizer tokenizer = kind switch
        {
            "WordPiece" => new WordPieceVocabularyLearner(new() { VocabularySize = 60 }).Learn([text, text]),
            "Unigram" => new UnigramVocabularyLearner(new() { VocabularySize = 40 }).Learn([text, text]),
            _ => new BytePairVocabularyLearner(new() { VocabularySize = 280 }).Learn([text, text]),
        };
        var encoding = tokenizer.Encode(text);
        var words = encoding.WordIds.Select((word, i) => (word, i)).Where(token => token.word is not null).GroupBy(token => token.word).ToList();
        Assert.HasCount(13, words);
        Assert.IsTrue(words.Any(word => word.Count() > 2), "Words of several pieces are what this is about.");
        var masker = new TokenMasker(tokenizer, new() { Strategy = MaskingStrategy.WholeWord, Rate = 0.5 });
        var labels = new long[encoding.Ids.Length];
        var chosen = 0;
        for (var seed = 0UL; seed < 50; seed++)
        {
            masker.Mask([.. encoding.Ids], labels, seed);
            Assert.AreEqual(-100, labels[0], "Special tokens are never masked.");
            Assert.AreEqual(-100, labels[^1]);
            foreach (var word in words)
                Assert.AreEqual(1, word.Select(token => labels[token.i] != -100).Distinct().Count(), $"A part of word {word.Key} was masked; seed {seed}.");
            chosen += words.Count(word => labels[word.First().i] != -100);
        }
        Assert.AreEqual(0.5, chosen / (50.0 * words.Count), 0.1);
    }

    [TestMethod]
    [DataRow(12)]
    [DataRow(512)]
    public void Spans_keep_the_rate_in_rows_of_any_length(int length)
    {
        var (counts, seed) = Count(new() { Strategy = MaskingStrategy.Span }, 2 * Tokens, length, seed: 1);
        Assert.AreEqual(0.15, (double)counts.Chosen / counts.Maskable, 0.002, $"seed {seed}");
    }

    [TestMethod]
    public void Words_are_chosen_whole()
    {
        foreach (var strategy in (MaskingStrategy[])[MaskingStrategy.WholeWord, MaskingStrategy.Span])
        {
            ForEachRow(
                new() { Strategy = strategy, Rate = 0.3 },
                50_000,
                64,
                (original, _, labels, seed) =>
                {
                    for (var i = 1; i < original.Length; i++)
                    {
                        if (original[i] >= Special + 100 && original[i - 1] >= Special)
                            Assert.AreEqual(labels[i - 1] < 0, labels[i] < 0, $"{strategy}, seed {seed}");
                    }
                }
            );
        }
    }

    [TestMethod]
    public void Spans_are_of_one_kind_and_of_geometric_length()
    {
        var lengths = new long[40];
        ForEachRow(
            new()
            {
                Strategy = MaskingStrategy.Span,
                Rate = 0.02,
                MaskShare = 0.5,
                RandomShare = 0,
                KeepShare = 0.5,
            },
            4 * Tokens,
            500,
            (original, masked, labels, seed) =>
            {
                for (int i = 0, start; i < original.Length; i++)
                {
                    start = i;
                    var words = 0;
                    for (; i < original.Length && labels[i] >= 0 && (masked[i] == 4) == (masked[start] == 4); i++)
                        words += original[i] < Special + 100 ? 1 : 0;
                    // Spans that the row's ends cut, or that touch another, are not counted.
                    if (words > 0 && start > 1 && i < original.Length - 1 && labels[start - 1] < 0 && labels[i] < 0)
                        lengths[words]++;
                }
            },
            withSpecials: false
        );
        var mean = lengths.Select((count, words) => (double)count * words).Sum() / lengths.Sum();
        // Geometric with p = 0.2, at most 10 words: 3.8 in the mean (Joshi et al. 2020).
        Assert.AreEqual(3.8, mean, 0.1);
        Assert.AreEqual(0.8, (double)lengths[2] / lengths[1], 0.05);
        Assert.AreEqual(0, lengths[11..].Sum() / 1000, "Longer ones are two that touch.");
    }

    [TestMethod]
    public void The_key_decides()
    {
        var masker = new TokenMasker(s_tokenizer, new());
        CollectionAssert.AreEqual(Masked(1), Masked(1));
        CollectionAssert.AreNotEqual(Masked(1), Masked(2));

        int[] Masked(ulong key)
        {
            var ids = Row(new Random(3), 100);
            masker.Mask(ids, new long[100], key);
            return ids;
        }
    }

    [TestMethod]
    public void Options_out_of_range_are_named()
    {
        Named(new() { Rate = 0 }, "Rate must be greater than 0 and less than 1");
        Named(new() { Rate = 1 }, "Rate must be greater than 0 and less than 1");
        Named(new() { Rate = double.NaN }, "Rate must be greater than 0 and less than 1");
        Named(new() { KeepShare = 0.2 }, "MaskShare + RandomShare + KeepShare must be 1");
        Named(
            new()
            {
                MaskShare = 1.1,
                RandomShare = -0.1,
                KeepShare = 0,
            },
            "MaskShare must be from 0 to 1"
        );
        Named(new() { Strategy = (MaskingStrategy)3 }, "Strategy must be a known strategy");
        Named(new() { SpanEndProbability = 0 }, "SpanEndProbability must be");
        Named(new() { MaximumSpanLength = 0 }, "MaximumSpanLength must be");
        Assert.ThrowsExactly<ArgumentException>(() => new TokenMasker(WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"]), new()));

        static void Named(MaskingOptions options, string message) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TokenMasker(s_tokenizer, options)).Message, message);
    }

    private static ((long Maskable, long Chosen, long Masked, long Replaced, long Kept) Counts, int Seed) Count(
        MaskingOptions options,
        int tokens,
        int length = 128,
        int? seed = null
    )
    {
        var (maskable, chosen, masked, replaced, kept) = (0L, 0L, 0L, 0L, 0L);
        var used = ForEachRow(
            options,
            tokens,
            length,
            (original, now, labels, seed) =>
            {
                for (var i = 0; i < original.Length; i++)
                {
                    if (original[i] >= Special)
                        maskable++;
                    if (labels[i] == TokenMasker.NotPredicted)
                    {
                        Assert.AreEqual(original[i], now[i], $"seed {seed}");
                        continue;
                    }
                    Assert.AreEqual(original[i], labels[i], $"seed {seed}");
                    Assert.IsTrue(original[i] >= Special && now[i] >= 4, $"No special token is chosen, and no random token is special: seed {seed}");
                    chosen++;
                    masked += now[i] == 4 ? 1 : 0;
                    kept += now[i] == original[i] ? 1 : 0;
                    replaced += now[i] != 4 && now[i] != original[i] ? 1 : 0;
                }
            },
            seed: seed
        );
        return ((maskable, chosen, masked, replaced, kept), used);
    }

    private static int ForEachRow(
        MaskingOptions options,
        int tokens,
        int length,
        Action<int[], int[], long[], int> check,
        bool withSpecials = true,
        int? seed = null
    )
    {
        var used = seed ?? Random.Shared.Next();
        var random = new Random(used);
        var masker = new TokenMasker(s_tokenizer, options);
        for (var row = 0; row < tokens / length; row++)
        {
            var (original, labels) = (Row(random, length, withSpecials), new long[length]);
            var masked = original.ToArray();
            masker.Mask(masked, labels, (ulong)random.NextInt64());
            check(original, masked, labels, used);
        }
        return used;
    }

    // [CLS] ... [SEP], with words of one to some pieces, and a special token here and there.
    private static int[] Row(Random random, int length, bool withSpecials = true) =>
        [
            2,
            .. Enumerable
                .Range(0, length - 2)
                .Select(i =>
                    withSpecials && random.Next(50) == 0
                        ? random.Next(Special)
                        : random.Next(Special, i > 0 && random.Next(3) == 0 ? Special + 200 : Special + 100)
                ),
            3,
        ];
}
