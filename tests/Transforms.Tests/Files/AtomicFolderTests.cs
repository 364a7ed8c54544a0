namespace BertMl.Files;

[TestClass]
public sealed class AtomicFolderTests
{
    private static readonly string[] _names = ["config.json", "model.safetensors", "tokenizer.json", "vocab.txt"];

    [TestMethod]
    public void Files_of_other_names_stay_and_nothing_else_is_left()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, "old");
        File.WriteAllText(folder["README.md"], "mine");
        Directory.CreateDirectory(folder["runs"]);
        Write(folder.Path, "new");
        CollectionAssert.AreEquivalent((string[])[.. _names, "README.md", "runs"], Entries(folder.Path));
        CollectionAssert.AreEqual(new[] { "new", "new", "new", "new" }, Contents(folder.Path));
        Write(folder["a/b"], "new");
        CollectionAssert.AreEqual(new[] { "new", "new", "new", "new" }, Contents(folder["a/b"]));
        CollectionAssert.AreEqual(new[] { "b" }, Entries(folder["a"]));
    }

    // A save moves: the older config.json away, then the new files in place, from the last by name to config.json. Killed after each of these moves:
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public void A_save_killed_between_its_files_is_completed(int moves)
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, "old");
        var saved = Directory.CreateDirectory(folder[".saved-1"]).FullName;
        Directory.CreateDirectory(Path.Combine(saved, "replaced"));
        foreach (var name in _names)
            File.WriteAllText(Path.Combine(saved, name), "new");
        File.WriteAllText(folder[".saving-1.lock"], "");
        if (moves > 0)
            File.Move(folder["config.json"], Path.Combine(saved, "replaced", "config.json"));
        foreach (var name in _names.Reverse().Take(moves - 1))
            File.Move(Path.Combine(saved, name), folder[name], overwrite: true);
        Assert.AreEqual(moves is 0 or 5, File.Exists(folder["config.json"]));
        AtomicFolder.Complete(folder.Path);
        CollectionAssert.AreEqual(new[] { "new", "new", "new", "new" }, Contents(folder.Path));
        CollectionAssert.AreEquivalent(_names, Entries(folder.Path));
    }

    [TestMethod]
    public void What_a_killed_save_left_is_removed_by_the_next_and_a_save_under_way_is_not()
    {
        using var folder = new TemporaryFolder();
        Write(folder["model"], "old");
        foreach (var left in (string[])["model/.saving-1", "other.saving-2"])
        {
            Directory.CreateDirectory(folder[left]);
            File.WriteAllText(folder[left + "/config.json"], "half");
            File.WriteAllText(folder[left + ".lock"], "");
        }
        AtomicFolder.Write(
            folder["model"],
            temporary =>
            {
                File.WriteAllText(Path.Combine(temporary, "config.json"), "outer");
                Write(folder["model"], "inner");
                Assert.IsTrue(File.Exists(Path.Combine(temporary, "config.json")));
            }
        );
        CollectionAssert.AreEqual(new[] { "outer", "inner", "inner", "inner" }, Contents(folder["model"]));
        CollectionAssert.AreEquivalent(_names, Entries(folder["model"]));
        Write(folder["other"], "new");
        CollectionAssert.AreEquivalent((string[])["model", "other"], Entries(folder.Path));
    }

    [TestMethod]
    public void A_file_that_cannot_be_replaced_leaves_all_as_they_were()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, "old");
        File.Delete(folder["tokenizer.json"]);
        Directory.CreateDirectory(folder["tokenizer.json"]);
        Assert.Contains("Nothing was saved", Assert.ThrowsExactly<IOException>(() => Write(folder.Path, "new")).Message);
        CollectionAssert.AreEquivalent(_names, Entries(folder.Path));
        foreach (var name in _names.Except(["tokenizer.json"]))
            Assert.AreEqual("old", File.ReadAllText(folder[name]));
    }

    [TestMethod]
    public void An_atomic_file_removes_what_a_killed_write_left()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[$"model.zip.{Guid.NewGuid():N}.tmp"], "half");
        File.WriteAllText(folder["model.zip.notes.tmp"], "mine");
        AtomicFile.Write(
            folder["model.zip"],
            outer =>
            {
                outer.Write("outer"u8);
                AtomicFile.Write(folder["model.zip"], inner => inner.Write("inner"u8));
            }
        );
        Assert.AreEqual("outer", File.ReadAllText(folder["model.zip"]));
        CollectionAssert.AreEquivalent((string[])["model.zip", "model.zip.notes.tmp"], Entries(folder.Path));
    }

    private static void Write(string folder, string content) =>
        AtomicFolder.Write(folder, temporary => Array.ForEach(_names, name => File.WriteAllText(Path.Combine(temporary, name), content)));

    private static string[] Contents(string folder) => [.. _names.Select(name => File.ReadAllText(Path.Combine(folder, name)))];

    private static string[] Entries(string folder) => [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path))];
}
