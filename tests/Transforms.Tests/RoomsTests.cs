using System.Text.RegularExpressions;

namespace BertMl;

/// <summary>The rooms (folders) of the house and the directions between them, as ARCHITECTURE.md draws them: a room uses only those before it.</summary>
[TestClass]
public sealed partial class RoomsTests
{
    private static readonly string[] _transforms =
    [
        "Files",
        "RandomNumbers",
        "Tokenization",
        "Batches",
        "Metrics",
        "TokenClassification",
        "QuestionAnswering",
        "Masking",
        "Networks",
        "Checkpoints",
        "Onnx",
        "DataView",
        "Datasets",
        "Scoring",
    ];

    private static readonly string[] _trainers = ["Training", "Torch", "Pretraining", "FineTuning", "Attributions"];

    [TestMethod]
    public void A_room_uses_only_rooms_before_it()
    {
        var wrong = new List<string>();
        foreach (var (assembly, rooms) in new[] { ("Transforms", _transforms), ("Trainers", _trainers) })
        {
            var root = Path.Combine(Repository.Root, "src", assembly);
            var folders = Directory.GetDirectories(root).Select(path => Path.GetFileName(path)!).Where(IsRoom).ToList();
            CollectionAssert.AreEquivalent(rooms, folders, $"The rooms of src/{assembly} are not those of ARCHITECTURE.md and this test.");
            foreach (var file in rooms.SelectMany(room => Directory.GetFiles(Path.Combine(root, room), "*.cs", SearchOption.AllDirectories)))
            {
                var room = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[0];
                foreach (Match match in Uses().Matches(CommentsAndTexts().Replace(File.ReadAllText(file), "")))
                {
                    var used = match.Groups["room"].Value;
                    if (Array.IndexOf(rooms, used) > Array.IndexOf(rooms, room))
                        wrong.Add($"{assembly}/{room} uses {used}: {Path.GetRelativePath(root, file)}");
                    if (assembly == "Transforms" && _trainers.Contains(used))
                        wrong.Add($"Transforms/{room} uses Trainers' {used}: {Path.GetRelativePath(root, file)}");
                }
            }
        }
        Assert.IsEmpty(wrong, string.Join('\n', wrong));

        static bool IsRoom(string folder) => folder is not ("bin" or "obj" or "buildTransitive");
    }

    [TestMethod]
    public void Only_the_rooms_of_torch_use_TorchSharp()
    {
        var root = Path.Combine(Repository.Root, "src");
        var users = Directory
            .GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file =>
                File.ReadLines(file).Any(line => line.StartsWith("using", StringComparison.Ordinal) && line.Contains("TorchSharp", StringComparison.Ordinal))
            )
            .Select(file => Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Split(Path.DirectorySeparatorChar))
            .Select(path => string.Join('/', path.Take(2)))
            .Distinct();
        CollectionAssert.AreEquivalent(new[] { "Trainers/Torch" }, users.ToArray());
    }

    [TestMethod]
    public void ARCHITECTURE_names_every_room_and_file_that_it_speaks_of()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "ARCHITECTURE.md"));
        foreach (var room in (string[])[.. _transforms, .. _trainers])
            Assert.Contains($"{room}/", text);
        foreach (Match match in Paths().Matches(text))
        {
            var path = Path.Combine(Repository.Root, match.Groups["path"].Value);
            Assert.IsTrue(File.Exists(path) || Directory.Exists(path), $"ARCHITECTURE.md speaks of {match.Groups["path"].Value}, which is not there.");
        }
    }

    // In a using directive, or in front of a type's name: Networks.Activation, BertMl.Networks.Activation.
    [GeneratedRegex(@"(?:\bBertMl\.|(?<![\w.]))(?<room>[A-Z]\w+)(?=\.[A-Z]|;)")]
    private static partial Regex Uses();

    [GeneratedRegex("//.*|\"(?:\\\\.|[^\"\\\\\\n])*\"")]
    private static partial Regex CommentsAndTexts();

    [GeneratedRegex(@"`(?<path>(?:src|tests|samples|models|tools)/[\w./-]+)`")]
    private static partial Regex Paths();
}
