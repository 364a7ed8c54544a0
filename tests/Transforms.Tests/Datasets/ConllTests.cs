using BertMl.Datasets;
using Microsoft.ML;

namespace BertMl.Tests.Datasets;

[TestClass]
public sealed class ConllTests
{
    private readonly MLContext _context = new();

    [TestMethod]
    public void Sentences_and_documents_are_read()
    {
        var rows = Read("-DOCSTART- -X- O\r\n\r\nEU NNP B-ORG\r\nrejects VBZ O\r\n\r\n\r\n-DOCSTART- -X- O\n\nGerman JJ B-MISC\ncall NN I-MISC\n");
        CollectionAssert.AreEqual(new[] { "1: EU/B-ORG rejects/O", "2: German/B-MISC call/I-MISC" }, rows);
    }

    [TestMethod]
    public void Tabs_part_columns_before_spaces_do_and_a_word_may_begin_with_a_hash()
    {
        CollectionAssert.AreEqual(new[] { "1: #New York/B-LOC" }, Read("#New York\tB-LOC\n"));
        CollectionAssert.AreEqual(new[] { "1: a/O" }, Read("# id = 1\na\tO\n", new() { CommentPrefix = "# " }));
    }

    [TestMethod]
    public void Columns_are_taken_by_index()
    {
        var options = new ConllOptions
        {
            WordColumn = 1,
            TagColumn = 2,
            Scheme = null,
        };
        CollectionAssert.AreEqual(new[] { "1: Runs/VERB" }, Read("1 Runs VERB VBZ\n", options));
    }

    [TestMethod]
    [DataRow("a I-PER\nb I-PER\nc I-LOC", "1: a/B-PER b/I-PER c/B-LOC")]
    [DataRow("a S-PER\nb B-LOC\nc E-LOC", "1: a/B-PER b/B-LOC c/I-LOC")]
    [DataRow("a U-PER\nb B-LOC\nc L-LOC", "1: a/B-PER b/B-LOC c/I-LOC")]
    public void Tags_of_other_schemes_are_rewritten_where_that_is_asked_for(string lines, string expected) =>
        CollectionAssert.AreEqual(new[] { expected }, Read(lines, new() { RepairTags = true }));

    [TestMethod]
    public void Tags_are_rewritten_in_the_scheme_that_is_asked_for() =>
        CollectionAssert.AreEqual(
            new[] { "1: a/B-PER b/E-PER c/S-LOC" },
            Read("a I-PER\nb I-PER\nc I-LOC", new() { RepairTags = true, Scheme = TagScheme.Iobes })
        );

    [TestMethod]
    [DataRow("a O\n\nb O\nc I-LOC\n", "line 4, column 2: the tag 'I-LOC' after 'O' is not IOB2 (BIO); expected 'B-LOC'")]
    [DataRow("a B-PER\nb I-LOC\n", "line 2, column 2: the tag 'I-LOC' after 'B-PER' is not IOB2 (BIO); expected 'B-LOC'")]
    [DataRow("a I-LOC\n", "line 1, column 2: the tag 'I-LOC' is not IOB2 (BIO); expected 'B-LOC'")]
    [DataRow("a O\nb PER\n", "line 2, column 2: the tag 'PER' is not IOB2 (BIO); expected O, or one of B, I with a hyphen")]
    [DataRow("a S-PER\n", "line 1, column 2: the tag 'S-PER' is not IOB2 (BIO)")]
    [DataRow("a b-PER\n", "line 1, column 2: the tag 'b-PER' is not IOB2 (BIO)")]
    [DataRow("a B-\n", "line 1, column 2: the tag 'B-' is not IOB2 (BIO)")]
    [DataRow("a\n", "the number of columns of line 1 is 1; expected the word in column 1 and its tag in the last one")]
    [DataRow("a X O\nb O\n", "the number of columns of line 2 is 2; that of the lines before it is 3")]
    [DataRow("a\tO\n\tO\n", "line 2, column 1: the word is empty")]
    public void What_is_wrong_is_named_with_file_line_and_column(string lines, string expected)
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Read(lines));
        StringAssert.Contains(e.Message, "a.conll: " + expected);
    }

    [TestMethod]
    public void An_entity_that_IOBES_does_not_close_is_named()
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Read("a B-PER\nb I-PER\nc O\n", new() { Scheme = TagScheme.Iobes }));
        StringAssert.Contains(e.Message, "line 2, column 2: the tag 'I-PER' after 'B-PER' is not IOBES; expected 'E-PER'");
    }

    [TestMethod]
    public void Options_that_cannot_be_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => Read("a O", new() { TagColumn = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Read("a O", new() { WordColumn = -1 }));
        Assert.ThrowsExactly<ArgumentException>(() => Read("a O", new() { CommentPrefix = "" }));
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => _context.Data.LoadConll(["absent.conll"]));
        StringAssert.Contains(e.Message, "absent.conll");
    }

    [TestMethod]
    public void WNUT17_is_read_whole()
    {
        var data = _context.Data.LoadConll([Golden.Path("data", "wnut17", "train.conll")]);
        var rows = _context.Data.CreateEnumerable<ConllSentence>(data, reuseRowObject: false).ToList();
        Assert.HasCount(3394, rows);
        Assert.AreEqual(62730, rows.Sum(row => row.Words.Length));
        Assert.AreEqual(1975, rows.Sum(row => row.Tags.Count(tag => tag.StartsWith("B-", StringComparison.Ordinal))));
    }

    private string[] Read(string content, ConllOptions? options = null)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.conll"], content);
        var data = _context.Data.LoadConll([folder["a.conll"]], options);
        return
        [
            .. _context
                .Data.CreateEnumerable<ConllSentence>(data, reuseRowObject: false)
                .Select(row => $"{row.Document}: {string.Join(' ', row.Words.Zip(row.Tags, (word, tag) => $"{word}/{tag}"))}"),
        ];
    }
}
