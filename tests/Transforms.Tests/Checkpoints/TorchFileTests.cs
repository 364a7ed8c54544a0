using System.Buffers.Binary;
using System.Text;
using BertMl.Networks;

namespace BertMl.Checkpoints;

[TestClass]
public sealed class TorchFileTests
{
    private static readonly string _data = Path.Combine(Golden.Root, "tests", "Transforms.Tests", "Checkpoints", "Data");

    public TestContext TestContext { get; set; } = null!;

    // torch.save of an ordered state dictionary with every element type, a parameter, views and shared storage, by PyTorch 2.13.
    [TestMethod]
    [DataRow("state-zip.bin")]
    [DataRow("state-legacy.bin")]
    [DataRow("state-protocol4.bin")]
    public void Every_kind_of_tensor_is_read(string name)
    {
        using var file = TorchFile.Open(Path.Combine(_data, name));
        void Check(string tensor, long[] shape, params float[] values)
        {
            CollectionAssert.AreEqual(shape, file.Infos[tensor].Shape.ToArray(), tensor);
            CollectionAssert.AreEqual(values, file.ReadAll(tensor), tensor);
        }
        Check("linear.weight", [2, 3], 0, 0.25f, 0.5f, 0.75f, 1, 1.25f);
        Check("tied", [2, 3], 0, 0.25f, 0.5f, 0.75f, 1, 1.25f);
        Check("scalar", [], 3.5f);
        Check("empty", [0, 3]);
        Check("bool", [2], 1, 0);
        Check("u8", [2], 0, 255);
        Check("i64", [1], -5);
        Check("i32", [1], -6);
        Check("i16", [1], -7);
        Check("i8", [1], -8);
        Check("f64", [1], 0.5f);
        Check("f16", [1], 0.25f);
        Check("bf16", [1], -1.5f);
        Check("transposed", [3, 2], 0, 3, 1, 4, 2, 5);
        Check("window", [2, 2], 4, 6, 8, 10);
        Check("expanded", [3, 2], 1, 2, 1, 2, 1, 2);
        Assert.HasCount(16, file.Infos);
    }

    [TestMethod]
    public void Complex_numbers_beside_the_weights_are_left_out()
    {
        var storage = (string type) => $"(X\x07\0\0\0storagectorch\n{type}\nX\x01\0\0\0sX\x03\0\0\0cpuK\0tQ";
        var tensor = (string type) => $"ctorch._utils\n_rebuild_tensor_v2\n({storage(type)}K\0K\0\x85K\x01\x85\x89}}tR";
        var program = $"}}X\x01\0\0\0c{tensor("ComplexFloatStorage")}sX\x01\0\0\0d{tensor("ComplexDoubleStorage")}s.";
        Assert.Contains("no tensors, but 2 other values", Assert.ThrowsExactly<InvalidDataException>(() => Open(program + "].").Dispose()).Message);
    }

    [TestMethod]
    [DataRow("cposix\nsystem\n", "'posix.system'")]
    [DataRow("cbuiltins\neval\n", "'builtins.eval'")]
    [DataRow("ctorch\nload\n", "'torch.load'")]
    [DataRow("\x8C\x02os\x8C\x06system\x93", "'os.system'")]
    [DataRow("ios\nsystem\n", "0x69")]
    [DataRow("(cposix\nsystem\no", "'posix.system'")]
    public void A_pickle_that_asks_for_anything_but_tensors_is_refused(string program, string named)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Open(program + ".").Dispose());
        Assert.Contains(named, error.Message);
    }

    [TestMethod]
    [DataRow("", "cut short")]
    [DataRow("N", "cut short")]
    [DataRow("}N.", "more or less than one object")]
    [DataRow(".", "more or less than one object")]
    [DataRow("N.].", "no dictionary")]
    [DataRow("t.", "mark is missing")]
    [DataRow("}(Nu.", "a key without a value")]
    [DataRow("}(NNu.", "kind String")]
    [DataRow("(1a.", "lacks its operands")]
    [DataRow("h\x05.", "not remembered")]
    [DataRow("}X\xFF\xFF\xFF\xFFk", "cut short")]
    [DataRow("}X\x01\0\0\0kK\x01s.].", "no tensors, but 1 other values (k)")]
    [DataRow("ccollections\nOrderedDict\nK\x01\x85R.", "unexpected arguments")]
    [DataRow("ctorch._utils\n_rebuild_tensor_v2\n)R.", "unexpected arguments")]
    [DataRow("ctorch._utils\n_rebuild_tensor_v3\n)R.", "an element type that is not read from pickles, such as float8")]
    [DataRow("K\x01Q.", "not a whole storage")]
    public void A_damaged_pickle_is_refused_with_the_reason(string program, string reason)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Open(program).Dispose());
        Assert.Contains(reason, error.Message);
        Assert.Contains("test.bin", error.Message);
    }

    [TestMethod]
    [DataRow(0, 4, 2, 1, "does not lie within")]
    [DataRow(2, 2, 1, 1, "does not lie within")]
    [DataRow(0, 2, 1 << 30, 1 << 30, "does not lie within")]
    [DataRow(-1, 1, 1, 1, "does not lie within")]
    [DataRow(0, -1, 1, 1, "sizes")]
    public void A_tensor_beyond_its_storage_is_refused(int offset, int rows, int rowStride, int stride, string reason)
    {
        var program = new StringBuilder(
            "}X\x01\0\0\0kctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0sX\x03\0\0\0cpuK\x03tQ"
        );
        void Number(int value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            program.Append('J').Append(Encoding.Latin1.GetString(bytes));
        }
        Number(offset);
        foreach (var (first, second) in ((int, int)[])[(rows, 1), (rowStride, stride)])
        {
            Number(first);
            Number(second);
            program.Append('\x86');
        }
        program.Append("\x89}tRs.");
        Assert.Contains(reason, Assert.ThrowsExactly<InvalidDataException>(() => Open(program.ToString()).Dispose()).Message);
    }

    [TestMethod]
    public void Deeply_nested_and_self_containing_pickles_do_no_harm()
    {
        // A million lists, each within the next; a list that holds itself.
        Assert.ThrowsExactly<InvalidDataException>(() => Open(new string(']', 1_000_000) + new string('a', 999_999) + ".").Dispose());
        Assert.ThrowsExactly<InvalidDataException>(() => Open("]q\0h\0a.").Dispose());
    }

    [TestMethod]
    public void A_compressed_or_foreign_zip_file_is_refused()
    {
        var path = TestFiles.NewPath();
        using (var zip = System.IO.Compression.ZipFile.Open(path, System.IO.Compression.ZipArchiveMode.Create))
        using (var writer = new StreamWriter(zip.CreateEntry("root/data.pkl").Open()))
            writer.Write(new string('a', 1000));
        Assert.Contains("compressed", Assert.ThrowsExactly<InvalidDataException>(() => TorchFile.Open(path).Dispose()).Message);
        path = TestFiles.NewPath();
        using (var zip = System.IO.Compression.ZipFile.Open(path, System.IO.Compression.ZipArchiveMode.Create))
            zip.CreateEntry("data.pkl", System.IO.Compression.CompressionLevel.NoCompression);
        Assert.Contains("data.pkl", Assert.ThrowsExactly<InvalidDataException>(() => TorchFile.Open(path).Dispose()).Message);
    }

    [TestMethod]
    [DataRow("state-zip.bin")]
    [DataRow("state-legacy.bin")]
    [DataRow("state-protocol4.bin")]
    public void Damaged_files_are_refused_or_read_but_nothing_else_happens(string name)
    {
        var seed = Environment.TickCount;
        TestContext.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var whole = File.ReadAllBytes(Path.Combine(_data, name));
        for (var i = 0; i < 1_000; i++)
        {
            var bytes = whole[..(random.Next(4) == 0 ? random.Next(whole.Length) : whole.Length)];
            for (var flips = random.Next(1, 8); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                using var file = TorchFile.Open(TestFiles.Write("damaged.bin", bytes));
                foreach (var (tensor, info) in file.Infos)
                {
                    if (info.Count < 1_000_000)
                        _ = file.ReadAll(tensor);
                }
            }
            catch (InvalidDataException)
            {
                // The documented answer.
            }
        }
    }

    // A file of the older form: its pickles one after the other; the program is the one with the tensors.
    private static TorchFile Open(string program)
    {
        const string start = "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.\x80\x02M\xE9\x03.\x80\x02}X\x0D\0\0\0little_endian\x88s.";
        return TorchFile.Open(TestFiles.Write("test.bin", Encoding.Latin1.GetBytes(start + program)));
    }
}
