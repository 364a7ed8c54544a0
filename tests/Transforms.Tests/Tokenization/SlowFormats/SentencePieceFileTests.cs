using CsCheck;
using Google.Protobuf;

namespace BertMl.Tokenization.SlowFormats;

[TestClass]
public sealed class SentencePieceFileTests
{
    [TestMethod]
    public void Pieces_and_settings_are_read()
    {
        var file = SentencePieceFile.Read(Model(), "spiece.model");
        CollectionAssert.AreEqual(
            new[]
            {
                new SentencePiece("<unk>", 0, SentencePieceType.Unknown),
                new SentencePiece("<s>", 0, SentencePieceType.Control),
                new SentencePiece("\u2581ab", -1.5f, SentencePieceType.Normal),
            },
            file.Pieces.ToArray()
        );
        Assert.AreEqual(1, file.ModelType);
        Assert.AreEqual(0, file.UnkId);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, file.Charsmap);
    }

    [TestMethod]
    public void A_file_that_is_cut_or_damaged_is_refused_or_read_and_never_anything_else()
    {
        var whole = Model();
        for (var length = 0; length < whole.Length; length++)
            TryRead(whole[..length]);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte)
            .Array[1, 3]
            .Sample(
                changes =>
                {
                    var damaged = whole.ToArray();
                    foreach (var (at, value) in changes)
                        damaged[at] = value;
                    TryRead(damaged);
                },
                iter: 5_000
            );

        static void TryRead(byte[] bytes)
        {
            try
            {
                SentencePieceFile.Read(bytes, "spiece.model");
            }
            catch (InvalidDataException exception)
            {
                Assert.Contains("spiece.model", exception.Message);
            }
        }
    }

    [TestMethod]
    public void Lengths_beyond_the_file_are_refused_before_anything_is_allocated()
    {
        byte[] bytes = [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SentencePieceFile.Read(bytes, "spiece.model"));
        Assert.Contains("cut short", error.Message);
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    [DataRow(float.NaN, "not finite")]
    [DataRow(float.NegativeInfinity, "not finite")]
    public void Scores_must_be_finite(float score, string expected)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SentencePieceFile.Read(Write(output => WritePiece(output, "a", score, 1)), "spm.model"));
        Assert.Contains("spm.model", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [TestMethod]
    public void Bytes_that_are_no_model_are_refused()
    {
        foreach (
            var bytes in (byte[][])
                [
                    [],
                    "{\"a\": 1}"u8.ToArray(),
                    new byte[100],
                    [0x0A, 0x02, 0x0A, 0x00],
                ]
        )
            Assert.Contains("spiece.model", Assert.ThrowsExactly<InvalidDataException>(() => SentencePieceFile.Read(bytes, "spiece.model")).Message);
    }

    private static byte[] Model() =>
        Write(output =>
        {
            WritePiece(output, "<unk>", 0, 2);
            WritePiece(output, "<s>", 0, 3);
            WritePiece(output, "\u2581ab", -1.5f, 1);
            WriteMessage(
                output,
                2,
                trainer =>
                {
                    trainer.WriteTag(3, WireFormat.WireType.Varint);
                    trainer.WriteInt32(1);
                    trainer.WriteTag(40, WireFormat.WireType.Varint);
                    trainer.WriteInt32(0);
                }
            );
            WriteMessage(
                output,
                3,
                normalizer =>
                {
                    normalizer.WriteTag(1, WireFormat.WireType.LengthDelimited);
                    normalizer.WriteString("nmt_nfkc");
                    normalizer.WriteTag(2, WireFormat.WireType.LengthDelimited);
                    normalizer.WriteBytes(ByteString.CopyFrom(1, 2, 3));
                }
            );
        });

    private static void WritePiece(CodedOutputStream output, string text, float score, int type) =>
        WriteMessage(
            output,
            1,
            piece =>
            {
                piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
                piece.WriteString(text);
                piece.WriteTag(2, WireFormat.WireType.Fixed32);
                piece.WriteFloat(score);
                piece.WriteTag(3, WireFormat.WireType.Varint);
                piece.WriteInt32(type);
            }
        );

    private static void WriteMessage(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Write(write)));
    }

    private static byte[] Write(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
            write(output);
        return stream.ToArray();
    }
}
