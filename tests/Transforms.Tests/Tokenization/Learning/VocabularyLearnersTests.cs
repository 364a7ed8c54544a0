namespace BertMl.Tokenization.Learning;

/// <summary>What holds for the learners of byte-level BPE and Unigram alike.</summary>
[TestClass]
public sealed class VocabularyLearnersTests
{
    private static readonly string[] Texts =
    [
        .. Enumerable.Repeat((string[])["the lowest newer wider", "newer newest, na\u00EFve caf\u00E9", "wide wider widest!"], 8).SelectMany(x => x),
    ];

    public static IEnumerable<object[]> Learners =>
        [
            [new BytePairVocabularyLearner(new BytePairLearningOptions { VocabularySize = 300 })],
            [new UnigramVocabularyLearner(new UnigramLearningOptions { VocabularySize = 60 })],
        ];

    [TestMethod]
    [DynamicData(nameof(Learners))]
    public void A_learned_tokenizer_reads_its_text_saves_and_loads(VocabularyLearner learner)
    {
        var tokenizer = learner.Learn(Texts);
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder.Path);
        var loaded = PretrainedTokenizer.Load(folder.Path);
        foreach (var text in Texts.Append("the wider caf\u00E9"))
        {
            var encoding = tokenizer.Encode(text, "newer");
            CollectionAssert.DoesNotContain(encoding.Ids, tokenizer.TokenToId("<unk>"));
            CollectionAssert.AreEqual(encoding.Ids, loaded.Encode(text, "newer").Ids);
            CollectionAssert.AreEqual(encoding.Offsets, loaded.Encode(text, "newer").Offsets);
            CollectionAssert.AreEqual(encoding.Ids, PretrainedTokenizer.FromBytes(tokenizer.ToBytes()).Encode(text, "newer").Ids);
        }
        // A masked word is one token, the space before it included, as in pretraining.
        var plain = new EncodingOptions { AddSpecialTokens = false };
        var masked = tokenizer.Encode($"the {tokenizer.MaskToken} wider", options: plain).Ids;
        int[] expected =
        [
            .. tokenizer.Encode("the", options: plain).Ids,
            tokenizer.MaskTokenId!.Value,
            .. tokenizer.Encode("the wider", options: plain).Ids[tokenizer.Encode("the", options: plain).Ids.Length..],
        ];
        CollectionAssert.AreEqual(expected, masked);
        CollectionAssert.AreEqual(expected, loaded.Encode($"the {tokenizer.MaskToken} wider", options: plain).Ids);
        var word = tokenizer.Encode("wider", options: plain);
        Assert.IsLessThan(5, word.Ids.Length);
    }

    [TestMethod]
    [DynamicData(nameof(Learners))]
    public void Learning_is_stopped_by_its_token_and_reports_how_far_it_is(VocabularyLearner learner)
    {
        Assert.ThrowsExactly<OperationCanceledException>(() => learner.Learn(Texts, cancellationToken: new CancellationToken(canceled: true)));
        var progress = new Reports();
        var tokenizer = learner.Learn(Texts, progress);
        Assert.AreEqual(Texts.Length, progress.All[^1].TextsRead);
        Assert.IsGreaterThan(0, progress.All[^1].Tokens);
        Assert.IsLessThanOrEqualTo(tokenizer.VocabularySize * 2, progress.All[^1].Tokens);
    }

    [TestMethod]
    [DynamicData(nameof(Learners))]
    public void Text_without_a_word_is_refused(VocabularyLearner learner) =>
        Assert.Contains("There is no word", Assert.ThrowsExactly<InvalidDataException>(() => learner.Learn([""])).Message);

    [TestMethod]
    public void A_size_that_is_too_small_is_refused()
    {
        var bytes = Assert.ThrowsExactly<InvalidDataException>(() => new BytePairVocabularyLearner(new() { VocabularySize = 200 }).Learn(Texts));
        Assert.Contains("the 256 bytes alone are 261", bytes.Message);
        var characters = Assert.ThrowsExactly<InvalidDataException>(() => new UnigramVocabularyLearner(new() { VocabularySize = 10 }).Learn(Texts));
        Assert.Contains("too small", characters.Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UnigramVocabularyLearner(new() { ShrinkingFactor = 1 }).Learn(Texts));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new BytePairVocabularyLearner(new() { MinimumFrequency = 0 }).Learn(Texts));
    }

    [TestMethod]
    public void Byte_level_tokens_are_Roberta_s_and_Unigram_s_are_Albert_s()
    {
        var roberta = new BytePairVocabularyLearner(new() { VocabularySize = 300 }).Learn(Texts);
        CollectionAssert.AreEqual(new[] { "<s>", "<pad>", "</s>", "<unk>", "<mask>" }, roberta.Vocabulary.Take(5).ToArray());
        var pair = roberta.Encode("wider", "newer");
        CollectionAssert.AreEqual(new[] { "<s>", "</s>", "</s>", "</s>" }, pair.Tokens.Where(token => token[0] == '<').ToArray());
        var albert = new UnigramVocabularyLearner(new() { VocabularySize = 60 }).Learn(Texts);
        CollectionAssert.AreEqual(new[] { "<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]" }, albert.Vocabulary.Take(5).ToArray());
        CollectionAssert.AreEqual(new[] { "[CLS]", "[SEP]", "[SEP]" }, albert.Encode("wider", "newer").Tokens.Where(token => token[0] == '[').ToArray());
    }

    [TestMethod]
    public void Vocabularies_that_are_wrong_are_refused()
    {
        string[] vocabulary = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "a"];
        Assert.Contains("lacks 'aa'", Assert.ThrowsExactly<InvalidDataException>(() => BytePairTokenizer.Create(vocabulary, [("a", "a")])).Message);
        Assert.Contains("'<mask>'", Assert.ThrowsExactly<InvalidDataException>(() => BytePairTokenizer.Create(vocabulary[..4], [])).Message);
        (string, double)[] pieces = [("<pad>", 0), ("<unk>", 0), ("[CLS]", 0), ("[SEP]", 0), ("[MASK]", 0), ("a", double.NaN)];
        Assert.Contains("'a' has the score NaN", Assert.ThrowsExactly<InvalidDataException>(() => UnigramTokenizer.Create(pieces)).Message);
        Assert.Contains("'[MASK]'", Assert.ThrowsExactly<InvalidDataException>(() => UnigramTokenizer.Create(pieces[..4])).Message);
        Assert.Contains("id 1 is not '<unk>'", Assert.ThrowsExactly<InvalidDataException>(() => UnigramTokenizer.Create(pieces[..1])).Message);
    }

    private sealed class Reports : IProgress<VocabularyLearningProgress>
    {
        public List<VocabularyLearningProgress> All { get; } = [];

        public void Report(VocabularyLearningProgress value) => All.Add(value);
    }
}
