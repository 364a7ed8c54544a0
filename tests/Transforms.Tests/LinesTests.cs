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
            // A raw string is what it is.
            var isRaw = false;
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                number++;
                var quotes = line.Split("\"\"\"").Length - 1;
                if (line.Length > Width && !isRaw && quotes == 0)
                    wide.Add($"{Path.GetRelativePath(Repository.Root, file)}:{number} has {line.Length}");
                isRaw ^= quotes % 2 == 1;
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
