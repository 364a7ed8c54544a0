using BertMl.Samples;

namespace BertMl;

[TestClass]
public sealed class SdkDocumentationTests
{
    [TestMethod]
    public void Has_the_areas_of_the_library_with_hundreds_of_distinct_summaries_each()
    {
        var rows = SdkDocumentation.SummariesByArea();
        var areas = rows.CountBy(row => row.Label).ToDictionary(area => area.Key, area => area.Value, StringComparer.Ordinal);
        Assert.IsInRange(15, 25, areas.Count);
        Assert.IsTrue(areas.Values.All(count => count >= 400));
        Assert.IsTrue(areas.Keys.All(name => name.Count(c => c == '.') == 1), string.Join(", ", areas.Keys));
        CollectionAssert.IsSubsetOf(new[] { "System.IO", "System.Net", "System.Text", "System.Xml", "Microsoft.AspNetCore" }, areas.Keys);
        Assert.AreEqual(rows.Count, rows.DistinctBy(row => row.Text).Count());
        Assert.IsTrue(rows.All(row => row.Text.Split(' ').Length >= 6 && !row.Text.Contains('\n')));
    }

    [TestMethod]
    public void Is_the_same_each_time()
    {
        var (first, second) = (SdkDocumentation.SummariesByArea(), SdkDocumentation.SummariesByArea());
        CollectionAssert.AreEqual(first.Select(row => row.Text + row.Label).ToList(), second.Select(row => row.Text + row.Label).ToList());
    }
}
