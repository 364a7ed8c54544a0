namespace BertMl;

/// <summary>The reference values beside the repository; a test that needs them is skipped, saying so, where they are absent.</summary>
internal static class Golden
{
    /// <summary>Root of the repository: the folder that has BertMl.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path under the shared folder beside the repository; the test is inconclusive where it does not exist.</summary>
    public static string Path(params string[] parts)
    {
        var path = System.IO.Path.Combine([Root, "..", "shared", .. parts]);
        if (!File.Exists(path) && !Directory.Exists(path))
            Assert.Inconclusive($"Skipped: shared/{string.Join('/', parts)} is not beside the repository.");
        return System.IO.Path.GetFullPath(path);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "BertMl.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("BertMl.sln was not found above the test assembly.");
    }
}
