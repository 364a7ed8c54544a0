using System.Text.RegularExpressions;

namespace BertMl.Onnx;

[TestClass]
public sealed partial class OnnxRuntimeUseTests
{
    // Its telemetry begins with the first of these, so they stand only where it is turned off before.
    [TestMethod]
    public void Environments_and_session_options_are_made_in_one_place()
    {
        string[] places = ["OnnxRuntimeTelemetry.cs", "OnnxRuntimeLibrary.cs", "ExecutionProviders.cs"];
        var sources = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories);
        var uses = sources.Where(file => FirstUse().IsMatch(File.ReadAllText(file))).Select(file => Path.GetFileName(file)).ToArray();
        CollectionAssert.IsSubsetOf(uses, places);
        Assert.HasCount(places.Length, uses);
    }

    [GeneratedRegex(@"\bOrtEnv\.|new SessionOptions\b|SessionOptions [^;{]*=>\s*new\(")]
    private static partial Regex FirstUse();
}
