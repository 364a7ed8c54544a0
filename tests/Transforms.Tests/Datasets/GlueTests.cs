using BertMl.Datasets;
using Microsoft.ML;

namespace BertMl.Tests.Datasets;

[TestClass]
public sealed class GlueTests
{
    private readonly MLContext _context = new();

    [TestMethod]
    [DataRow("sentence\tlabel\nsays \"no\"\t1\n", "says \"no\"||1")]
    [DataRow("index\tsentence1\tsentence2\tlabel\r\n0\ta\tb\tentailment\r\n\r\n", "a|b|entailment")]
    [DataRow("index\tquestion\tsentence\tlabel\n0\ta\tb\tnot_entailment\n", "a|b|not_entailment")]
    [DataRow("Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t10\t11\ta\tb\n", "a|b|1")]
    [DataRow("index\tsentence1\tsentence2\tlabel1\tgold_label\n0\ta\tb\tneutral\tentailment\n", "a|b|entailment")]
    public void The_columns_of_GLUEs_tasks_are_found_by_name(string content, string expected) => CollectionAssert.AreEqual(new[] { expected }, Read(content));

    [TestMethod]
    [DataRow("", "is empty; expected a line with the names")]
    [DataRow("sentence\tscores\na\t1\n", "line 1 names the columns sentence, scores; expected sentence")]
    [DataRow("sentence\tlabel\na\t1\nb\n", "the number of columns of line 3 is 1; line 1 names 2")]
    [DataRow("sentence1\tsentence2\tlabel\na\t\t1\n", "line 2: the column sentence2 is empty")]
    public void What_is_wrong_is_named_with_file_and_line(string content, string expected)
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Read(content));
        StringAssert.Contains(e.Message, "a.tsv");
        StringAssert.Contains(e.Message, expected);
    }

    [TestMethod]
    public void RTE_and_SST_2_are_read_whole()
    {
        Assert.HasCount(277, Rows(Golden.Path("data", "rte", "dev.tsv")));
        Assert.HasCount(872, Rows(Golden.Path("data", "sst2", "dev.tsv")));
    }

    private string[] Read(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.tsv"], content);
        return [.. Rows(folder["a.tsv"]).Select(row => $"{row.Text}|{row.Pair}|{row.Label}")];
    }

    private List<GlueExample> Rows(string path) => [.. _context.Data.CreateEnumerable<GlueExample>(_context.Data.LoadGlue(path), reuseRowObject: false)];
}
