using System.Text.Json;

namespace BertMl.Tests.Metrics;

/// <summary>What scikit-learn, SciPy, seqeval and SQuAD's official script compute.</summary>
internal static class MetricsCases
{
    /// <summary>The cases of a kind: classes, regression, entities or squad.</summary>
    public static IReadOnlyList<JsonElement> Of(string kind)
    {
        var file = Path.Combine(Repository.Root, "tests", "Transforms.Tests", "Metrics", "Data", "metrics.json");
        JsonElement[] cases = [.. JsonElement.Parse(File.ReadAllBytes(file)).EnumerateArray().Where(entry => entry.GetProperty("kind").GetString() == kind)];
        Assert.AreNotEqual(0, cases.Length);
        return cases;
    }

    public static T[] Array<T>(this JsonElement entry, string name) => entry.GetProperty(name).Deserialize<T[]>()!;

    public static double Number(this JsonElement entry, string name) => entry.GetProperty(name).GetDouble();
}
