using BertMl.Files;
using BertMl.Tokenization;
using Microsoft.ML;

namespace BertMl.Pretraining;

[TestClass]
public sealed class CorpusTests
{
    [TestMethod]
    [DataRow(CorpusFormat.DocumentPerLine, "1:one 2:two 3:three 4:four")]
    [DataRow(CorpusFormat.BlankLineSeparated, "1:one 1:two 2:three 3:four")]
    [DataRow(CorpusFormat.DocumentPerFile, "1:one 1:two 1:three 2:four")]
    public void Documents_are_lines_or_paragraphs_or_files(CorpusFormat format, string expected)
    {
        using var corpus = new TestCorpus();
        var files = new[] { corpus.Write("a.txt", "one\r\ntwo\r\n\r\n  \r\nthree\r\n"), corpus.Write("b.txt", "\uFEFFfour") };
        var documents = new List<long>();
        var lines = Corpus.Read(files, format).Select(line => (Text: line.Text.ToString(), line.Document)).ToList();
        foreach (var (_, document) in lines)
        {
            if (!documents.Contains(document))
                documents.Add(document);
        }
        Assert.AreEqual(expected, string.Join(' ', lines.Select(line => $"{documents.IndexOf(line.Document) + 1}:{line.Text}")));
    }

    [TestMethod]
    public void A_line_that_is_not_utf8_is_named_with_its_file()
    {
        using var corpus = new TestCorpus();
        var path = corpus.Path("latin1.txt");
        File.WriteAllBytes(path, [.. "fine\n\nna"u8, 0xEF, .. "ve\nfine\n"u8]);
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Corpus.Read([path], CorpusFormat.DocumentPerLine).Count());
        StringAssert.Contains(e.Message, $"{path}: line 3 is not UTF-8 (byte 0xEF at byte 3 of the line)");
    }

    [TestMethod]
    public void A_file_cut_within_a_character_is_not_utf8()
    {
        using var corpus = new TestCorpus();
        var path = corpus.Path("cut.txt");
        File.WriteAllBytes(path, [.. "caf"u8, 0xC3]);
        Assert.ThrowsExactly<InvalidDataException>(() => Corpus.Read([path], CorpusFormat.DocumentPerLine).Count());
    }

    [TestMethod]
    public void A_utf16_file_is_refused_by_name()
    {
        using var corpus = new TestCorpus();
        var path = corpus.Path("utf16.txt");
        File.WriteAllText(path, "text", System.Text.Encoding.Unicode);
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Corpus.Read([path], CorpusFormat.DocumentPerLine).Count());
        StringAssert.Contains(e.Message, "UTF-16");
    }

    [TestMethod]
    public void Lines_longer_than_the_buffer_come_in_pieces_that_lose_nothing()
    {
        using var corpus = new TestCorpus();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var trial = 0; trial < 300; trial++)
        {
            var lines = Enumerable
                .Range(0, random.Next(1, 6))
                .Select(_ => string.Concat(Enumerable.Range(0, random.Next(0, 60)).Select(_ => Character(random))))
                .ToArray();
            var path = corpus.Write("text.txt", string.Join('\n', lines) + "\n");
            using var stream = Utf8LineReader.Open(path);
            var reader = new Utf8LineReader(stream, path, longestPiece: 16);
            var read = new SortedDictionary<long, string>();
            while (reader.TryRead(out var piece))
                read[reader.LineNumber] = read.GetValueOrDefault(reader.LineNumber, "") + piece;
            CollectionAssert.AreEqual(lines, read.Values.ToArray(), $"seed {seed}, trial {trial}");
        }
    }

    [TestMethod]
    public void What_is_wrong_within_a_long_line_is_named_with_its_place()
    {
        using var stream = new MemoryStream([.. "short\n"u8, .. Enumerable.Repeat((byte)'x', 50), 0xFF]);
        var reader = new Utf8LineReader(stream, "The text", longestPiece: 16);
        var e = Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            while (reader.TryRead(out _)) { }
        });
        StringAssert.Contains(e.Message, "The text: line 2 is not UTF-8 (byte 0xFF at byte 51 of the line)");
    }

    [TestMethod]
    public void A_long_line_is_one_document_with_no_blank_line_after_it()
    {
        using var corpus = new TestCorpus();
        var path = corpus.Write("long.txt", new string('x', (1 << 22) + 5) + "\nsecond\n\nthird");
        var lines = Corpus.Read([path], CorpusFormat.BlankLineSeparated).Select(line => (line.Text.Length, line.Document)).ToArray();
        CollectionAssert.AreEqual(new[] { (1 << 22, 1L), (5, 1L), (6, 1L), (5, 2L) }, lines);
    }

    [TestMethod]
    public void The_view_gives_text_and_document_and_keeps_what_was_read()
    {
        using var corpus = new TestCorpus();
        var rows = new MLContext().Data.CreateEnumerable<Row>(TestCorpus.Load(corpus.Write("a.txt", "one\ntwo\n\nthree")), reuseRowObject: false).ToList();
        CollectionAssert.AreEqual(new[] { "one", "two", "three" }, rows.Select(row => row.Text).ToArray());
        Assert.AreEqual(rows[0].Document, rows[1].Document);
        Assert.AreNotEqual(rows[1].Document, rows[2].Document);
    }

    [TestMethod]
    public void A_missing_file_is_named_before_any_work()
    {
        using var corpus = new TestCorpus();
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => TestCorpus.Load(corpus.Write("a.txt", "x"), corpus.Path("absent.txt")));
        StringAssert.Contains(e.Message, "absent.txt");
    }

    [TestMethod]
    public void Missing_and_mistyped_columns_are_named()
    {
        using var corpus = new TestCorpus();
        var data = TestCorpus.Load(corpus.Write("a.txt", "x"));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TextColumn.Of(data, "Texts", null)).Message, "'Texts'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TextColumn.Of(data, "Document", null)).Message, "expected String");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TextColumn.Of(data, "Text", "Doc")).Message, "'Doc'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TextColumn.Of(data, "Text", "Text")).Message, "expected Int64");
    }

    private static string Character(Random random) =>
        random.Next(8) switch
        {
            0 => " ",
            1 => "é",
            2 => "漢",
            3 => "😀",
            _ => "x",
        };

    private sealed class Row
    {
        public string Text { get; set; } = "";
        public long Document { get; set; }
    }
}
