using Microsoft.ML;

namespace BertMl.Tokenization.Learning;

[TestClass]
public sealed class WordPieceVocabularyLearnerTests
{
    private static readonly string[] Texts =
    [
        "The lowest newer wider low low low",
        "newer newer newest NEWEST",
        "wide wider widest, low. Lower!",
        "the the the then",
    ];

    [TestMethod]
    public void Merges_are_those_of_byte_pair_encoding()
    {
        var tokenizer = new WordPieceVocabularyLearner(new VocabularyLearningOptions { VocabularySize = 34 }).Learn(Texts);
        string[] expected =
        [
            "[PAD]",
            "[UNK]",
            "[CLS]",
            "[SEP]",
            "[MASK]",
            "!",
            ",",
            ".",
            "d",
            "e",
            "h",
            "i",
            "l",
            "n",
            "o",
            "r",
            "s",
            "t",
            "w",
            "##d",
            "##e",
            "##h",
            "##i",
            "##n",
            "##o",
            "##r",
            "##s",
            "##t",
            "##w",
            "##we",
            "lo",
            "ne",
            "th",
            "newe",
        ];
        CollectionAssert.AreEqual(expected, tokenizer.Vocabulary.ToArray());
    }

    [TestMethod]
    [DataRow(2_000, 348_990)]
    [DataRow(8_000, 276_831)]
    public void A_vocabulary_splits_unseen_text_into_few_pieces(int size, int piecesOfHuggingFace)
    {
        var train = Golden.Path("data", "wikitext2", "test.txt");
        var test = Golden.Path("data", "wikitext2", "valid.txt");
        var tokenizer = new WordPieceVocabularyLearner(new VocabularyLearningOptions { VocabularySize = size }).LearnFromFiles([train]);
        Assert.AreEqual(size, tokenizer.VocabularySize);
        var ids = File.ReadLines(test).SelectMany(line => tokenizer.Encode(line, options: new EncodingOptions { AddSpecialTokens = false }).Ids).ToArray();
        Assert.IsLessThanOrEqualTo(piecesOfHuggingFace * 1.02, ids.Length);
        Assert.AreEqual(40, ids.Count(id => id == tokenizer.UnkTokenId));
    }

    [TestMethod]
    public void Files_streams_columns_and_texts_give_the_same_vocabulary()
    {
        var options = new VocabularyLearningOptions { VocabularySize = 40 };
        var expected = new WordPieceVocabularyLearner(options).Learn(Texts).Vocabulary.ToArray();
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Texts.Select(text => new Row { Text = text }));
        CollectionAssert.AreEqual(expected, new WordPieceVocabularyLearner(options).Learn(data, nameof(Row.Text)).Vocabulary.ToArray());
        var bytes = System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", Texts));
        using var stream = new MemoryStream(bytes);
        CollectionAssert.AreEqual(expected, new WordPieceVocabularyLearner(options).LearnFromStream(stream).Vocabulary.ToArray());
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["text.txt"], bytes);
        CollectionAssert.AreEqual(expected, new WordPieceVocabularyLearner(options).LearnFromFiles([folder["text.txt"]]).Vocabulary.ToArray());
    }

    [TestMethod]
    public void Order_of_the_texts_does_not_matter()
    {
        var random = new Random(7);
        string[] texts = [.. Enumerable.Range(0, 40_000).Select(_ => $"{Word(random)} {Word(random)} {Word(random)}")];
        var options = new VocabularyLearningOptions { VocabularySize = 500 };
        var first = new WordPieceVocabularyLearner(options).Learn(texts);
        CollectionAssert.AreEqual(first.Vocabulary.ToArray(), new WordPieceVocabularyLearner(options).Learn(texts.Reverse()).Vocabulary.ToArray());
    }

    [TestMethod]
    public void Pairs_below_the_minimum_frequency_are_not_joined()
    {
        var tokenizer = new WordPieceVocabularyLearner(new VocabularyLearningOptions { MinimumFrequency = 3 }).Learn(["ab ab ab cd cd"]);
        Assert.IsNotNull(tokenizer.TokenToId("ab"));
        Assert.IsNull(tokenizer.TokenToId("cd"));
    }

    [TestMethod]
    public void Case_special_tokens_and_alphabet_are_as_asked()
    {
        var tokenizer = new WordPieceVocabularyLearner(
            new VocabularyLearningOptions
            {
                AdditionalSpecialTokens = ["[USER]"],
                LimitAlphabet = 3,
                Tokenizer = new WordPieceOptions { Lowercase = false },
            }
        ).Learn(["AAAA bbb cc d"]);
        Assert.AreEqual(5, tokenizer.TokenToId("[USER]"));
        Assert.AreEqual(6, tokenizer.TokenToId("A"));
        Assert.IsNull(tokenizer.TokenToId("d"));
        Assert.AreEqual(tokenizer.UnkTokenId, tokenizer.Encode("d").Ids[1]);
    }

    [TestMethod]
    public void Memory_is_bounded_by_forgetting_rare_words()
    {
        var options = new VocabularyLearningOptions { VocabularySize = 300, MaximumDistinctWords = 100 };
        var random = new Random(3);
        var tokenizer = new WordPieceVocabularyLearner(options).Learn(Enumerable.Range(0, 50_000).Select(_ => $"common {Word(random)}{Word(random)}"));
        Assert.IsNotNull(tokenizer.TokenToId("common"));
    }

    [TestMethod]
    public void Bad_input_gets_one_clear_error()
    {
        var learner = new WordPieceVocabularyLearner(new VocabularyLearningOptions { VocabularySize = 20 });
        Assert.Contains(
            "no word to learn a vocabulary from: the texts are empty",
            Assert.ThrowsExactly<InvalidDataException>(() => learner.Learn(["", "  "])).Message
        );
        Assert.Contains("too small", Assert.ThrowsExactly<InvalidDataException>(() => learner.Learn(["abcdefghijklmnop"])).Message);
        using var stream = new MemoryStream([(byte)'a', (byte)'\n', (byte)'b', 0xFF, (byte)'\n']);
        Assert.Contains("line 2 is not UTF-8", Assert.ThrowsExactly<InvalidDataException>(() => learner.LearnFromStream(stream)).Message);
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable([new Row { Text = "a", Number = 1 }]);
        Assert.Contains("no column 'Absent'", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => learner.Learn(data, "Absent")).Message);
        Assert.Contains("'Number'", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => learner.Learn(data, nameof(Row.Number))).Message);
        Assert.Contains(
            "at least 1",
            Assert
                .ThrowsExactly<ArgumentOutOfRangeException>(() =>
                    new WordPieceVocabularyLearner(new VocabularyLearningOptions { MinimumFrequency = 0 }).Learn(Texts)
                )
                .Message
        );
    }

    [TestMethod]
    public void Work_stops_when_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => new WordPieceVocabularyLearner().Learn(Texts, cancellationToken: cancellation.Token));
    }

    private static string Word(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => (char)('a' + (random.Next(26) * random.Next(26) / 26))));

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public float Number { get; set; }
    }
}
