using System.Text;
using BertMl.Networks;

namespace BertMl.Checkpoints;

/// <summary>Files that are damaged, hostile or something else than their name says.</summary>
[TestClass]
public sealed class HostileFilesTests
{
    [TestMethod]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "Git LFS")]
    [DataRow("<!DOCTYPE html><html><head><title>Not found</title></head></html>", "web page")]
    [DataRow("\n<HTML>", "web page")]
    public void What_stands_in_the_place_of_weights_is_named(string content, string named)
    {
        foreach (var name in (string[])["model.safetensors", "pytorch_model.bin", "model.safetensors.index.json"])
        {
            var folder = Directory.CreateDirectory(TestFiles.NewPath()).FullName;
            File.WriteAllText(Path.Combine(folder, name), content);
            var error = Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFiles.Open(folder));
            Assert.Contains(named, error.Message);
            Assert.Contains(name, error.Message);
        }
    }

    [TestMethod]
    [DataRow('}')]
    [DataRow(']')]
    [DataRow('(')]
    [DataRow('N')]
    [DataRow(')')]
    [DataRow('\x94')]
    public void Objects_of_a_pickle_take_a_small_multiple_of_its_length(char instruction)
    {
        const int length = 4 << 20;
        var path = TestFiles.Write("bomb.bin", Encoding.Latin1.GetBytes("}" + new string(instruction, length) + "."));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.ThrowsExactly<InvalidDataException>(() => TorchFile.Open(path));
        Assert.IsLessThan(100L * length, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    [TestMethod]
    public void A_message_is_a_few_lines_however_much_is_wrong()
    {
        var names = Enumerable.Range(0, 2000).Select(i => new string('x', 1000) + i).ToList();
        var report = new LoadReport(names, [], names);
        Assert.IsLessThan(2000, report.ToString().Length);
        Assert.Contains("and 1995 more", report.ToString());
        var header = "{\"" + new string('n', 100_000) + "\":{\"dtype\":\"F99\",\"shape\":[],\"data_offsets\":[0,4]}}";
        byte[] file = [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), 0, 0, 0, 0];
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(TestFiles.Write("long.safetensors", file)));
        Assert.IsLessThan(600, error.Message.Length);
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void A_folder_with_weights_that_are_not_finite_is_refused(float value)
    {
        var folder = TestFiles.NewPath();
        using (var model = Onnx.SmallModel.Create(Head.SequenceClassification))
            model.Save(folder);
        var path = Path.Combine(folder, "model.safetensors");
        var bytes = File.ReadAllBytes(path);
        // The last tensor of the file is the head's bias.
        BitConverter.GetBytes(value).CopyTo(bytes, bytes.Length - 4);
        File.WriteAllBytes(path, bytes);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedModel.Load(folder));
        Assert.Contains(folder, error.Message);
        Assert.Contains("'classifier.bias' holds values that are not finite", error.Message);
    }

    [TestMethod]
    public void Lengths_that_a_stream_does_not_have_take_no_memory()
    {
        byte[] longHeader = [.. BitConverter.GetBytes(90_000_000L), .. "{}"u8];
        var json = """{"a":{"dtype":"F32","shape":[250000000],"data_offsets":[0,1000000000]}}"""u8;
        byte[] longTensor = [.. BitConverter.GetBytes((long)json.Length), .. json, 1, 2, 3, 4];
        foreach (var bytes in (byte[][])[longHeader, longTensor])
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains("cut short", Assert.ThrowsExactly<InvalidDataException>(() => InMemoryTensors.Read(new MemoryStream(bytes), "test")).Message);
            Assert.IsLessThan(10_000_000L, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [TestMethod]
    public void Tensors_that_are_not_the_models_take_no_memory()
    {
        var tensors = new InMemoryTensors();
        tensors.Add("a", [2], [1, 2]);
        tensors.Add("huge", [1000], new float[1000]);
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors, ["a", "huge"], TensorElementType.F32);
        foreach (var shape in (int[])[3, 1000])
        {
            stream.Position = 0;
            var expected = new Dictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal) { ["a"] = [2], ["huge"] = [shape] };
            if (shape == 1000)
                Assert.HasCount(2, InMemoryTensors.Read(stream, "test", expected).Infos);
            else
                Assert.Contains("'huge'", Assert.ThrowsExactly<InvalidDataException>(() => InMemoryTensors.Read(stream, "test", expected)).Message);
        }
    }
}
