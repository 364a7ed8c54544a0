using System.Globalization;

namespace BertMl.Fuzz;

/// <summary>
/// Damaged and hostile files give the documented exceptions, soon and within memory. A run of the tests reads some hundred files a reader; the environment
/// variable BERTML_FUZZ_FILES is the number for a longer one.
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

    public static IEnumerable<string> Names => Targets.Names;

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
