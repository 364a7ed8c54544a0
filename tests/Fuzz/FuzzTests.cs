using System.Globalization;

namespace BertMl.Fuzz;

/// <summary>
/// Damaged and hostile files give the documented exceptions, soon and within memory. A run of the tests reads some hundred files a reader; the environment
/// variable BERTML_FUZZ_FILES is the number for a longer one, and BERTML_FUZZ_TARGET its only reader.
/// </summary>
[TestClass]
public sealed class FuzzTests
{
    private const long ShortRun = 400;
    private static Targets? _targets;

    [ClassInitialize]
    public static void MakeTargets(TestContext _) => _targets = new();

    [ClassCleanup]
    public static void RemoveTargets() => _targets?.Dispose();

    public static IEnumerable<string> Names => Environment.GetEnvironmentVariable("BERTML_FUZZ_TARGET") is { Length: > 0 } name ? [name] : Targets.Names;

    [TestMethod]
    public void Tokenizers_of_all_types_are_among_the_seeds()
    {
        foreach (var (section, values, types) in TokenizerSeeds.Sections)
        foreach (var type in types)
            Assert.IsTrue(values.Any(value => value.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal)), $"No {section} of type {type}.");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Damaged_files_give_the_documented_exceptions(string name)
    {
        var count = Environment.GetEnvironmentVariable("BERTML_FUZZ_FILES") is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : ShortRun;
        var target = _targets![name];
        target.ReadSeeds();
        target.Run(count);
    }
}
