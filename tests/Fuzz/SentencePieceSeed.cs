using BertMl.Tokenization.Normalizers;
using Google.Protobuf;

namespace BertMl.Fuzz;

/// <summary>A small SentencePiece model.</summary>
internal static class SentencePieceSeed
{
    private static readonly (string Text, float Score, int Type)[] _pieces =
    [
        ("<unk>", 0, 2),
        ("[CLS]", 0, 3),
        ("[SEP]", 0, 3),
        ("[PAD]", 0, 3),
        ("[MASK]", 0, 4),
        ("\u2581a", -1, 1),
        ("b", -2, 1),
        ("\u2581", -3, 1),
        ("<0x0A>", -4, 6),
    ];

    /// <summary>The file.</summary>
    /// <param name="modelType">1: Unigram; others are refused.</param>
    public static byte[] Of(int modelType) =>
        Write(output =>
        {
            foreach (var (text, score, type) in _pieces)
                Message(
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
            Message(
                output,
                2,
                trainer =>
                {
                    trainer.WriteTag(3, WireFormat.WireType.Varint);
                    trainer.WriteInt32(modelType);
                }
            );
            Message(
                output,
                3,
                normalizer =>
                {
                    normalizer.WriteTag(2, WireFormat.WireType.LengthDelimited);
                    normalizer.WriteBytes(ByteString.CopyFrom(CharsmapBuilder.Build([new("\uFB01", "fi")])));
                }
            );
        });

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> write)
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
