using BertMl.Files;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Tokenization;

namespace BertMl.Checkpoints;

/// <summary>Saving that replaces a model or fails, and saved models in streams.</summary>
[TestClass]
public sealed class CheckpointSavingTests
{
    [TestMethod]
    public void Saving_replaces_a_model_and_leaves_other_files()
    {
        var folder = CheckpointFolderTests.Save(Head.SequenceClassification);
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "mine");
        using (var loaded = PretrainedModel.Load(folder, labels: ["x", "y"], seed: 9))
            loaded.Save(folder);
        using var again = PretrainedModel.Load(folder);
        CollectionAssert.AreEqual(new[] { "x", "y" }, again.Config.Labels.ToList());
        Assert.IsTrue(again.Report.IsComplete);
        CollectionAssert.AreEquivalent(
            new[] { "config.json", "model.safetensors", "notes.txt" },
            Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).ToList()
        );
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Saving_that_fails_says_so_and_changes_nothing(bool exists)
    {
        var folder = exists ? CheckpointFolderTests.Save(Head.Base) : Path.Combine(Directory.CreateDirectory(TestFiles.NewPath()).FullName, "model");
        var parent = Path.GetDirectoryName(folder)!;
        Dictionary<string, string> Content() =>
            Directory.Exists(folder)
                ? Directory.GetFiles(folder).ToDictionary(file => file, file => Convert.ToHexString(File.ReadAllBytes(file)), StringComparer.Ordinal)
                : [];
        var before = Content();
        var error = Assert.ThrowsExactly<IOException>(() =>
            AtomicFolder.Write(
                folder,
                temporary =>
                {
                    File.WriteAllText(Path.Combine(temporary, "config.json"), "half");
                    throw new IOException("No space left on device");
                }
            )
        );
        Assert.Contains("No space left on device", error.Message);
        Assert.Contains(folder, error.Message);
        CollectionAssert.AreEquivalent(before, Content());
        Assert.IsEmpty(Directory.GetFileSystemEntries(parent, "*.saving-*"));
        Assert.AreEqual(exists, Directory.Exists(folder));
    }

    [TestMethod]
    public void Saving_below_a_file_or_in_place_of_one_fails_clearly()
    {
        using var model = PretrainedModel.Create(PretrainedModelTests.Small, Head.Base, null);
        var file = TestFiles.Write("file", [1]);
        Assert.Contains("Nothing was saved", Assert.ThrowsExactly<IOException>(() => model.Save(Path.Combine(file, "model"))).Message);
        Assert.Contains("Nothing was saved", Assert.ThrowsExactly<IOException>(() => model.Save(file)).Message);
        CollectionAssert.AreEqual(new byte[] { 1 }, File.ReadAllBytes(file));
    }

    [TestMethod]
    public void A_weight_beyond_float16_is_not_saved_as_infinity()
    {
        using var model = PretrainedModel.Create(PretrainedModelTests.Small with { InitializerRange = 1e6 }, Head.Base, null);
        var folder = TestFiles.NewPath();
        Assert.Contains("float16", Assert.ThrowsExactly<InvalidOperationException>(() => model.Save(folder, TensorElementType.F16)).Message);
        Assert.IsFalse(Directory.Exists(folder));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Save(folder, TensorElementType.I64));
    }

    [TestMethod]
    public void A_model_goes_through_streams_that_cannot_seek()
    {
        using var model = PretrainedModel.Create(PretrainedModelTests.Small, Head.SequenceClassification, null, seed: 4);
        using var stream = new MemoryStream();
        using (var zip = new System.IO.Compression.DeflateStream(stream, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            model.WriteWeights(zip);
        PretrainedModel Read(byte[] bytes) =>
            PretrainedModel.Read(
                model.WriteConfig(),
                default,
                new System.IO.Compression.DeflateStream(new MemoryStream(bytes), System.IO.Compression.CompressionMode.Decompress)
            );
        using var read = Read(stream.ToArray());
        Assert.AreEqual(model.Head, read.Head);
        foreach (var name in model.Weights.Infos.Keys)
            CollectionAssert.AreEqual(model.Weights.ReadAll(name), read.Weights.ReadAll(name), name);
        Assert.Contains("cut short", Assert.ThrowsExactly<InvalidDataException>(() => Read(stream.ToArray()[..^200])).Message);
        Assert.ThrowsExactly<InvalidDataException>(() => PretrainedModel.Read("{}"u8.ToArray(), default, stream));
    }
}
