using BertMl.Samples;

namespace BertMl;

[TestClass]
public sealed class LabelledTextFileTests
{
    [TestMethod]
    public void Reads_the_columns_by_name_and_leaves_quotes_of_a_tsv_alone()
    {
        var rows = Read("x.tsv", "index\tsentence\tlabel\r\n0\tsays \"no\" , twice\t1\r\n\r\n1\tYes\t0\n");
        CollectionAssert.AreEqual(new[] { "says \"no\" , twice|1", "Yes|0" }, rows);
    }

    [TestMethod]
    public void Reads_quoted_fields_of_a_csv_with_commas_quotes_and_line_breaks()
    {
        var rows = Read("x.csv", "Text,Label\n\"a, \"\"b\"\"\nc\",one\nplain,two\n");
        CollectionAssert.AreEqual(new[] { "a, \"b\"\nc|one", "plain|two" }, rows);
    }

    [TestMethod]
    [DataRow("x.tsv", "", "is empty")]
    [DataRow("x.tsv", "sentence\tscore\na\t1\n", "names sentence, score")]
    [DataRow("x.tsv", "sentence\tlabel\na\t1\nb\n", "line 3: expected 2 columns")]
    [DataRow("x.tsv", "sentence\tlabel\na\t\n", "line 2: the label is empty")]
    [DataRow("x.csv", "text,label\na,1\n\"b,2\n", "line 3: a quoted field has no end")]
    public void Says_what_is_wrong_and_where(string name, string content, string expected)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Read(name, content));
        StringAssert.Contains(error.Message, expected);
        StringAssert.Contains(error.Message, name);
    }

    [TestMethod]
    public void Refuses_what_is_not_utf8() =>
        Assert.ThrowsExactly<InvalidDataException>(() => Read("x.tsv", [.. "sentence\tlabel\nna"u8, 0xEF, 0x76, .. "e\t1\n"u8]));

    [TestMethod]
    public void Rows_are_either_learned_from_or_held_out()
    {
        var rows = Enumerable.Range(0, 95).Select(i => new LabelledText { Text = $"{i}", Label = i % 3 == 0 ? "a" : "b" }).ToList();
        var split = LabelledTextSplit.Of(rows, 1, "x.tsv");
        Assert.HasCount(9, split.HeldOut);
        CollectionAssert.AreEquivalent(rows, split.Training.Concat(split.HeldOut).ToList());
        CollectionAssert.AreEqual(split.HeldOut.ToList(), LabelledTextSplit.Of(rows, 1, "x.tsv").HeldOut.ToList());
        CollectionAssert.AreNotEqual(split.HeldOut.ToList(), LabelledTextSplit.Of(rows, 2, "x.tsv").HeldOut.ToList());
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => LabelledTextSplit.Of(rows[..19], 1, "x.tsv")).Message,
            "x.tsv: expected at least 20 rows"
        );
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => LabelledTextSplit.Of([.. rows.Where(row => row.Label == "a")], 1, "x.tsv")).Message,
            "of 1"
        );
    }

    private static string[] Read(string name, string content) => Read(name, System.Text.Encoding.UTF8.GetBytes(content));

    private static string[] Read(string name, byte[] content)
    {
        var folder = Directory.CreateTempSubdirectory("bertml-");
        try
        {
            var path = Path.Combine(folder.FullName, name);
            File.WriteAllBytes(path, content);
            return [.. LabelledTextFile.Read(path).Select(row => $"{row.Text}|{row.Label}")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
