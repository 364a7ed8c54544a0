namespace BertMl;

/// <summary>The repository that the running tests or benchmarks were built in.</summary>
internal static class Repository
{
    /// <summary>Root of the repository: the folder that has BertMl.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path in the shared folder of data, real weights, reference values and Python peers beside the repository; it need not exist.</summary>
    public static string Shared(params ReadOnlySpan<string> parts) => Path.GetFullPath(Path.Combine([Root, "..", "shared", .. parts]));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "BertMl.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("BertMl.sln was not found above the running assembly.");
    }
}
