using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>Files and folders that a test makes; gone when the test process ends.</summary>
internal static class TestFiles
{
    private static readonly string _root = Directory.CreateTempSubdirectory("bertml-tests-").FullName;

    static TestFiles() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(_root, recursive: true);

    /// <summary>A path of a folder or file that does not exist yet.</summary>
    public static string NewPath() => Path.Combine(_root, Guid.NewGuid().ToString("N"));

    /// <summary>A new file.</summary>
    public static string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = NewPath() + "-" + name;
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
