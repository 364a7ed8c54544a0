namespace BertMl.Samples;

/// <summary>The sample of named entities, in small, as a program.</summary>
[TestClass]
public sealed class NamedEntitiesTests
{
    [TestMethod]
    public async Task It_learns_from_the_documentation_whose_entities_need_not_be_whole_words()
    {
        using var folder = new TemporaryFolder();
        var output = await SampleProcess.RunAsync("NamedEntities", ["--rows", "600", "--output", folder["entities"]]);
        StringAssert.Contains(output, "F1", StringComparison.Ordinal);
        Assert.IsTrue(File.Exists(Path.Combine(folder["entities"], "entities.zip")));
        Assert.IsTrue(File.Exists(Path.Combine(folder["entities"], "report.html")));
    }
}
