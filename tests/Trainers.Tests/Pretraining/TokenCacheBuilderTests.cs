using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Pretraining;

[TestClass]
public sealed class TokenCacheBuilderTests
{
    [TestMethod]
    public void A_corpus_becomes_rows_of_its_tokens()
    {
        using var corpus = new TestCorpus();
        using var cache = corpus.Build(corpus.Write("a.txt", "the quick brown\nfox\n\njumps over a\n\nlazy dog and runs far"), length: 8);
        var tokens = Enumerable.Range(0, cache.Count).Select(row => string.Join(' ', Ids(cache, row).Select(id => TestCorpus.Tokenizer.Vocabulary[id])));
        CollectionAssert.AreEqual(new[] { "[CLS] the quick brown fox [SEP] jumps [SEP]", "[CLS] over a [SEP] lazy dog and [SEP]" }, tokens.ToArray());
        Assert.AreEqual(3, cache.DocumentCount);
    }

    [TestMethod]
    [DataRow("the quick brown fox jumps over a lazy dog and runs far")]
    [DataRow("fox")]
    public void A_file_that_is_no_cache_is_not_overwritten(string content)
    {
        using var corpus = new TestCorpus();
        var text = corpus.Write("a.txt", "the quick brown\nfox\n\njumps over a\n\nlazy dog and runs far");
        var other = corpus.Write("other.txt", content);
        var builder = new TokenCacheBuilder(TestCorpus.Tokenizer, new(SequenceLayout.Packed, 8, 7), _ => { }, default);
        var error = Assert.ThrowsExactly<IOException>(() => builder.OpenOrBuild(TextColumn.Of(TestCorpus.Load(text), "Text", "Document"), other));
        Assert.Contains($"'{other}' is there and is no token cache", error.Message);
        Assert.AreEqual(content, File.ReadAllText(other));
    }

    [TestMethod]
    public void Many_portions_give_the_rows_of_one()
    {
        using var corpus = new TestCorpus();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        // More lines than one portion takes.
        var lines = Enumerable.Range(0, 70_000).Select(_ => TestCorpus.Sentence(random)).ToArray();
        using var cache = corpus.Build(corpus.Write("a.txt", string.Join('\n', lines)), SequenceLayout.LineByLine);
        Assert.AreEqual(lines.Length, cache.Count, $"seed {seed}");
        var ids = new int[16];
        for (var row = 0; row < lines.Length; row++)
        {
            var count = TestCorpus.Tokenizer.Encode(lines[row], default, false, ids).Count;
            CollectionAssert.AreEqual(ids[..count], Ids(cache, row), $"seed {seed}, row {row}");
        }
    }

    [TestMethod]
    public void A_cache_is_used_again_for_the_same_text_and_made_anew_for_another()
    {
        using var corpus = new TestCorpus();
        var seed = Random.Shared.Next();
        var file = corpus.WriteDocuments("a.txt", 50, new Random(seed));
        var log = new List<string>();
        string first;
        using (var cache = corpus.Build(file, log: log))
            first = cache.Fingerprint;
        Made(log, "there is none yet");
        using (var cache = corpus.Build(file, log: log))
            Assert.AreEqual(first, cache.Fingerprint);
        Assert.HasCount(1, log);
        StringAssert.Contains(log[0], "is used");
        log.Clear();
        File.AppendAllText(file, " dog");
        using (var cache = corpus.Build(file, log: log))
            Assert.AreNotEqual(first, cache.Fingerprint);
        Made(log, "of another text");
        corpus.Build(file, length: 12, log: log).Dispose();
        Made(log, "other settings");
        corpus.Build(file, length: 12, log: log, tokenizer: WordPieceTokenizer.Create([.. TestCorpus.Tokenizer.Vocabulary, "cat"])).Dispose();
        Made(log, "another tokenizer");
        using (var stream = new FileStream(corpus.Path("cache"), FileMode.Open))
            stream.SetLength(stream.Length - 7);
        corpus.Build(file, length: 12, log: log, tokenizer: WordPieceTokenizer.Create([.. TestCorpus.Tokenizer.Vocabulary, "cat"])).Dispose();
        Made(log, "cut short");

        static void Made(List<string> log, string reason)
        {
            Assert.HasCount(2, log);
            StringAssert.Contains(log[0], reason);
            log.Clear();
        }
    }

    [TestMethod]
    public void Joining_two_documents_makes_another_text()
    {
        using var corpus = new TestCorpus();
        using var apart = corpus.Build(corpus.Write("a.txt", "the quick brown\n\nfox jumps"), SequenceLayout.LineByLine);
        using var joined = corpus.Build(corpus.Write("b.txt", "the quick brown\nfox jumps"), SequenceLayout.LineByLine);
        Assert.AreNotEqual(apart.Fingerprint, joined.Fingerprint);
    }

    [TestMethod]
    [DataRow("\n  \n")]
    [DataRow("")]
    public void An_empty_corpus_is_one_clear_error(string text)
    {
        using var corpus = new TestCorpus();
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => corpus.Build(corpus.Write("a.txt", text)));
        StringAssert.Contains(e.Message, "empty");
        Assert.HasCount(1, Directory.GetFiles(corpus.Folder));
    }

    [TestMethod]
    public void A_corpus_shorter_than_a_row_is_one_clear_error()
    {
        using var corpus = new TestCorpus();
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => corpus.Build(corpus.Write("a.txt", "the quick brown fox")));
        StringAssert.Contains(e.Message, "it has 4 tokens, and a full row takes 14");
        Assert.HasCount(1, Directory.GetFiles(corpus.Folder));
    }

    [TestMethod]
    public void Texts_of_a_column_are_documents_and_their_lines_sentences()
    {
        using var corpus = new TestCorpus();
        var rows = new[] { "the quick\nbrown fox", "jumps over\na lazy dog\nand runs", " " }.Select(text => new { Text = text });
        var data = new MLContext().Data.LoadFromEnumerable(rows);
        var builder = new TokenCacheBuilder(TestCorpus.Tokenizer, new(SequenceLayout.SentencePairs, 12, 1), _ => { }, default);
        using var cache = builder.OpenOrBuild(TextColumn.Of(data, "Text", null), corpus.Path("cache"));
        Assert.AreEqual(2, cache.DocumentCount);
        Assert.IsTrue(Enumerable.Range(0, cache.Count).All(row => cache.NextSentence(row) is 0 or 1));
    }

    private static int[] Ids(TokenCache cache, int row)
    {
        var ids = new int[cache.Length(row)];
        cache.Read(row, ids);
        return ids;
    }
}
