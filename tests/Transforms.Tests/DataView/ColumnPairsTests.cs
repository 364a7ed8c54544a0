using Microsoft.ML;

namespace BertMl.DataView;

[TestClass]
public sealed class ColumnPairsTests
{
    public static IEnumerable<(string What, InputOutputColumnPair[] Columns, string Message)> Wrong =>
        [
            ("none", [], "There must be at least one column."),
            ("null", [new("a"), null!], "columns[1] is null; expected a pair of columns."),
            ("no name", [new("a"), new("b", "")], "The input of columns[1], whose output is 'b', has no name."),
            ("twice", [new("a"), new("b"), new("a", "c")], "columns[0] and columns[2] have the same output: 'a'."),
        ];

    [TestMethod]
    [DynamicData(nameof(Wrong))]
    public void Wrong_pairs_are_named(string what, InputOutputColumnPair[] columns, string message)
    {
        var text = new MLContext().Transforms.Text;
        foreach (var estimator in (Func<object>[])[() => text.ApplyBertEmbeddings(columns, "no folder"), () => text.TokenizeIntoSubwords(columns, "no folder")])
            StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentException>(estimator, what).Message, message);
    }
}
