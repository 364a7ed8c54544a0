using System.Buffers.Binary;
using System.Text;
using BertMl.Networks;

namespace BertMl.Checkpoints;

[TestClass]
public sealed class SafetensorsFileTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Every_element_type_is_read_as_float32()
    {
        using var file = Open(
            """
            {"f64":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"f32":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},
             "f16":{"dtype":"F16","shape":[2],"data_offsets":[20,24]},"bf16":{"dtype":"BF16","shape":[1,2],"data_offsets":[24,28]},
             "i64":{"dtype":"I64","shape":[1],"data_offsets":[28,36]},"i32":{"dtype":"I32","shape":[1],"data_offsets":[36,40]},
             "i16":{"dtype":"I16","shape":[1],"data_offsets":[40,42]},"i8":{"dtype":"I8","shape":[],"data_offsets":[42,43]},
             "u8":{"dtype":"U8","shape":[1],"data_offsets":[43,44]},"bool":{"dtype":"BOOL","shape":[2],"data_offsets":[44,46]},
             "__metadata__":{"format":"pt"}}
            """,
            [
                .. BitConverter.GetBytes(-1.5),
                .. BitConverter.GetBytes(1e300),
                .. BitConverter.GetBytes(0.1f),
                .. BitConverter.GetBytes((Half)0.5f),
                .. BitConverter.GetBytes(Half.NegativeInfinity),
                0x80,
                0x3F,
                0x49,
                0xC0,
                .. BitConverter.GetBytes(-7L),
                .. BitConverter.GetBytes(1 << 20),
                .. BitConverter.GetBytes((short)-300),
                0xFF,
                0xFF,
                0,
                1,
            ]
        );
        void Check(string name, params float[] expected) => CollectionAssert.AreEqual(expected, file.ReadAll(name), name);
        Check("f64", -1.5f, float.PositiveInfinity);
        Check("f32", 0.1f);
        Check("f16", 0.5f, float.NegativeInfinity);
        Check("bf16", 1f, -3.140625f);
        Check("i64", -7f);
        Check("i32", 1 << 20);
        Check("i16", -300f);
        Check("i8", -1f);
        Check("u8", 255f);
        Check("bool", 0f, 1f);
        CollectionAssert.AreEqual(new long[] { -7 }, file.ReadInt64("i64"));
        Assert.HasCount(0, file.Infos["i8"].Shape);
    }

    // In the file: all 256 values of each type, as bytes, as the type, and as float32 by PyTorch 2.13.
    [TestMethod]
    [DataRow("F8_E4M3")]
    [DataRow("F8_E5M2")]
    public void Float8_is_read_as_PyTorch_converts_it(string type)
    {
        using var file = SafetensorsFile.Open(Path.Combine(Repository.Root, "tests", "Transforms.Tests", "Checkpoints", "Data", "float8.safetensors"));
        Assert.AreEqual(type, file.Infos[type].ElementType.Name());
        var (expected, actual) = (file.ReadAll(type + ".float32"), file.ReadAll(type));
        Assert.HasCount(256, actual);
        for (var bits = 0; bits < 256; bits++)
        {
            if (float.IsNaN(expected[bits]))
                Assert.IsTrue(float.IsNaN(actual[bits]), $"{bits}");
            else
                Assert.AreEqual(BitConverter.SingleToInt32Bits(expected[bits]), BitConverter.SingleToInt32Bits(actual[bits]), $"{bits}");
        }
    }

    [TestMethod]
    public void Complex_tensors_are_left_out_and_unsigned_ones_read()
    {
        using var file = Open(
            """
            {"c":{"dtype":"C64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},
             "u":{"dtype":"U16","shape":[2],"data_offsets":[12,16]},"v":{"dtype":"U32","shape":[],"data_offsets":[16,20]},
             "w":{"dtype":"U64","shape":[1],"data_offsets":[20,28]}}
            """,
            [
                .. new byte[8],
                .. BitConverter.GetBytes(2.5f),
                .. BitConverter.GetBytes((ushort)1),
                .. BitConverter.GetBytes(ushort.MaxValue),
                .. BitConverter.GetBytes(1u << 31),
                .. BitConverter.GetBytes(1ul << 63),
            ]
        );
        CollectionAssert.AreEquivalent(new[] { "a", "u", "v", "w" }, file.Infos.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { 2.5f }, file.ReadAll("a"));
        CollectionAssert.AreEqual(new[] { 1f, 65535f }, file.ReadAll("u"));
        CollectionAssert.AreEqual(new[] { 2147483648f }, file.ReadAll("v"));
        CollectionAssert.AreEqual(new[] { 9223372036854775808f }, file.ReadAll("w"));
        // Of a stream nothing can be left out.
        var bytes = Bytes("""{"c":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]);
        Assert.Contains("'C64'", Assert.ThrowsExactly<InvalidDataException>(() => InMemoryTensors.Read(new MemoryStream(bytes), "stream")).Message);
    }

    [TestMethod]
    public void Reading_what_is_not_there_or_into_the_wrong_size_names_the_tensor()
    {
        using var file = Open("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", new byte[4]);
        Assert.Contains("'b'", Assert.ThrowsExactly<KeyNotFoundException>(() => file.ReadAll("b")).Message);
        Assert.Contains("'a' has 1 elements", Assert.ThrowsExactly<ArgumentException>(() => file.Read("a", new float[2])).Message);
        Assert.Contains("'a'", Assert.ThrowsExactly<InvalidOperationException>(() => file.ReadInt64("a")).Message);
    }

    [TestMethod]
    [DataRow("", "not a JSON object")]
    [DataRow("[[[[", "not a JSON object")]
    [DataRow("{", "not valid JSON")]
    [DataRow("{}{}", "not valid JSON")]
    [DataRow("""{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}}""", "unknown or repeated field")]
    [DataRow("""{"a":1}""", "not described by an object")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1]}}""", "lacks dtype")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", "'more'")]
    [DataRow("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "'dtype'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "twice")]
    [DataRow("""{"a":{"dtype":"Q7","shape":[1],"data_offsets":[0,4]}}""", "'Q7'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "not a list of sizes")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "not a list of sizes")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "does not fill")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "does not fill")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,4]}}""", "does not fill")]
    [DataRow("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", "4 follow the header")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "take 8 bytes")]
    [DataRow("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}""", "begins at 3")]
    [DataRow("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "begins at 1")]
    [DataRow("""{"__metadata__":{"a":1}}""", "__metadata__")]
    [DataRow("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "not valid JSON")]
    public void A_bad_header_is_refused_with_the_reason(string header, string reason)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Open(header, new byte[4]).Dispose());
        Assert.Contains(reason, error.Message);
        Assert.Contains(".safetensors", error.Message);
    }

    [TestMethod]
    public void Every_bad_file_is_refused_at_once_and_without_large_allocation()
    {
        foreach (var path in Directory.GetFiles(Golden.Path("golden", "models", "bad-safetensors")))
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(path).Dispose(), path);
            Assert.IsLessThan(300_000L, GC.GetAllocatedBytesForCurrentThread() - before, path);
            Assert.Contains(path, error.Message);
        }
    }

    [TestMethod]
    public void Every_odd_but_valid_file_is_read()
    {
        foreach (var path in Directory.GetFiles(Golden.Path("golden", "models", "odd-but-valid-safetensors")))
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var (name, info) in file.Infos)
                Assert.HasCount((int)info.Count, file.ReadAll(name), name);
        }
    }

    [TestMethod]
    public void Damaged_files_are_refused_or_read_but_nothing_else_happens()
    {
        var seed = Environment.TickCount;
        TestContext.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var whole = Bytes("""{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"BOOL","shape":[],"data_offsets":[8,9]}}""", new byte[9]);
        for (var i = 0; i < 1_000; i++)
        {
            var bytes = whole[..(random.Next(2) == 0 ? random.Next(whole.Length) : whole.Length)];
            for (var flips = random.Next(4); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var path = TestFiles.Write("damaged.safetensors", bytes);
            try
            {
                using var file = SafetensorsFile.Open(path);
                foreach (var name in file.Infos.Keys)
                    _ = file.ReadAll(name);
            }
            catch (InvalidDataException)
            {
                // The documented answer.
            }
        }
    }

    private static SafetensorsFile Open(string header, byte[] data) => SafetensorsFile.Open(TestFiles.Write("test.safetensors", Bytes(header, data)));

    private static byte[] Bytes(string header, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, Encoding.UTF8.GetByteCount(header));
        return [.. length, .. Encoding.UTF8.GetBytes(header), .. data];
    }
}
