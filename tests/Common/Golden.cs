namespace BertMl;

/// <summary>The reference values beside the repository; a test that needs them is skipped, saying so, where they are absent.</summary>
internal static class Golden
{
    /// <summary>Root of the repository: the folder that has BertMl.sln.</summary>
    public static string Root => Repository.Root;

    /// <summary>A path under the shared folder beside the repository; the test is inconclusive where it does not exist.</summary>
    public static string Path(params string[] parts)
    {
        var path = Repository.Shared(parts);
        if (!System.IO.Path.Exists(path))
            Assert.Inconclusive($"Skipped: shared/{string.Join('/', parts)} is not beside the repository.");
        return path;
    }
}
