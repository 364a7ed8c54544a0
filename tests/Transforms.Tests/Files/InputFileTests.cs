using System.Diagnostics;
using BertMl.Checkpoints;

namespace BertMl.Files;

[TestClass]
[OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
public sealed class InputFileTests
{
    [TestMethod]
    [Timeout(20_000)]
    public void Pipes_and_devices_are_refused_at_once()
    {
        using var folder = new TemporaryFolder();
        using (var make = Process.Start("mkfifo", folder["pipe"]))
            make.WaitForExit();
        File.CreateSymbolicLink(folder["link"], folder["pipe"]);
        foreach (var path in (string[])[folder["pipe"], folder["link"]])
            Assert.Contains("is not a file but a pipe", Assert.ThrowsExactly<InvalidDataException>(() => InputFile.Open(path)).Message);
        Assert.Contains("a device", Assert.ThrowsExactly<InvalidDataException>(() => InputFile.ReadAllBytes("/dev/zero")).Message);
        Assert.Contains("a pipe", Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(folder["pipe"])).Message);
        Assert.Contains("a pipe", Assert.ThrowsExactly<InvalidDataException>(() => Utf8LineReader.Open(folder["pipe"])).Message);
        File.Move(folder["pipe"], folder["config.json"]);
        Assert.Contains("a pipe", Assert.ThrowsExactly<InvalidDataException>(() => PretrainedModel.Load(folder.Path)).Message);
    }

    [TestMethod]
    public void A_file_that_is_not_there_is_one_that_is_not_found_by_any_path()
    {
        using var folder = new TemporaryFolder();
        foreach (var path in (string[])[$"no-file-{Guid.NewGuid():N}", folder["nothing"]])
            Assert.ThrowsExactly<FileNotFoundException>(() => InputFile.Open(path).Dispose());
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => InputFile.Open(folder["no/file"]).Dispose());
    }

    [TestMethod]
    public void Files_links_and_empty_files_are_opened()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "abc");
        File.WriteAllText(folder["empty"], "");
        File.CreateSymbolicLink(folder["link"], "file");
        Assert.HasCount(3, InputFile.ReadAllBytes(folder["link"]));
        Assert.IsEmpty(InputFile.ReadAllBytes(folder["empty"]));
        Assert.Contains("at most 2", Assert.ThrowsExactly<InvalidDataException>(() => InputFile.ReadAllBytes(folder["file"], 2)).Message);
        Assert.ThrowsExactly<FileNotFoundException>(() => InputFile.Open(folder["none"]));
    }
}
