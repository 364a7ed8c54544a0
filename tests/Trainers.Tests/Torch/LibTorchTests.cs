using System.Text;

namespace BertMl.Torch;

/// <summary>Loading libtorch where the system's libstdc++ is older than TorchSharp's library asks for.</summary>
[TestClass]
public sealed class LibTorchTests
{
    private const string Version = "GLIBCXX_3.4.32";

    private static string Library()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Skipped: the fix is for Linux.");
        return LibTorch.Find("libLibTorchSharp.so") ?? throw new AssertFailedException("libLibTorchSharp.so is not beside the tests.");
    }

    [TestMethod]
    public void Many_at_once_write_one_whole_copy_and_the_original_stays()
    {
        var library = Library();
        var original = File.ReadAllBytes(library);
        using var folder = new TemporaryFolder();
        var copies = new string[8];
        Parallel.For(0, copies.Length, i => copies[i] = LibTorch.CopyWithoutDemand(library, folder.Path));
        Assert.AreEqual(1, copies.Distinct(StringComparer.Ordinal).Count());
        CollectionAssert.AreEqual(copies[..1], Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
        CollectionAssert.AreEqual(original, File.ReadAllBytes(library));
        var changed = File.ReadAllBytes(copies[0]).Zip(original).Count(pair => pair.First != pair.Second);
        Assert.AreEqual(1, changed, "One flag is set, nothing else.");

        File.WriteAllBytes(copies[0], [1, 2, 3]);
        LibTorch.CopyWithoutDemand(library, folder.Path);
        Assert.AreEqual(original.Length, new FileInfo(copies[0]).Length, "A damaged copy is replaced.");
    }

    [TestMethod]
    public void Without_a_folder_that_can_be_written_to_the_copy_is_loaded_all_the_same()
    {
        var library = Library();
        LibTorch.EnsureLoaded(); // what the copy depends on
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        LibTorch.LoadCopy(library, folder["file"]);
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void A_library_that_does_not_ask_for_the_version_is_left_as_it_is()
    {
        var bytes = File.ReadAllBytes(Library());
        var before = bytes.ToArray();
        Assert.IsFalse(WeakVersion.Mark(bytes, "GLIBCXX_99.9"));
        CollectionAssert.AreEqual(before, bytes);
    }

    [TestMethod]
    public void Damaged_libraries_are_refused()
    {
        var whole = File.ReadAllBytes(Library());
        foreach (var length in new[] { 0, 3, 40, 64, whole.Length / 2 })
            Assert.ThrowsExactly<InvalidDataException>(() => WeakVersion.Mark(whole.AsSpan(0, length).ToArray(), Version), $"{length} bytes");
        Assert.ThrowsExactly<InvalidDataException>(() => WeakVersion.Mark(Encoding.ASCII.GetBytes(new string('x', 100)), Version));
    }
}
