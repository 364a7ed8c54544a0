namespace BertMl.Tests;

/// <summary>The width of lines that .editorconfig says; the formatter does not break comments and strings.</summary>
[TestClass]
public sealed class LinesTests
{
    private const int Width = 160;

    [TestMethod]
    public void No_line_of_code_is_wider_than_160_characters()
    {
        var wide = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories).Where(IsSource))
        {
            foreach (var (i, line) in File.ReadLines(file).Index())
            {
                if (line.Length > Width)
                    wide.Add($"{Path.GetRelativePath(Repository.Root, file)}:{i + 1} has {line.Length}");
            }
        }
        Assert.IsEmpty(wide, string.Join('\n', wide));
    }

    private static bool IsSource(string path)
    {
        var folders = Path.GetRelativePath(Repository.Root, path).Split(Path.DirectorySeparatorChar);
        return !folders.Contains("bin") && !folders.Contains("obj");
    }
}
