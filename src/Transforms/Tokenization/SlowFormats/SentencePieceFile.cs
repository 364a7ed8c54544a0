using System.Text;
using BertMl.Files;
using Google.Protobuf;

namespace BertMl.Tokenization.SlowFormats;

/// <summary>What a piece of a SentencePiece model is; numbers as in sentencepiece_model.proto.</summary>
internal enum SentencePieceType
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>The unknown piece.</summary>
    Unknown = 2,

    /// <summary>A special token, never found in text.</summary>
    Control = 3,

    /// <summary>A token that is found in text as it stands.</summary>
    UserDefined = 4,

    /// <summary>A piece that is not used.</summary>
    Unused = 5,

    /// <summary>A byte, as &lt;0x0A&gt;.</summary>
    Byte = 6,
}

/// <summary>A piece of a SentencePiece model.</summary>
internal readonly record struct SentencePiece(string Text, float Score, SentencePieceType Type);

/// <summary>
/// A SentencePiece model (spiece.model, sentencepiece.bpe.model, spm.model): what of its protocol buffer is needed to make a tokenizer. Lengths are checked
/// against what the file has before anything is allocated.
/// </summary>
/// <param name="Pieces">The pieces, by id.</param>
/// <param name="ModelType">1: Unigram, 2: BPE, 3: words, 4: characters.</param>
/// <param name="UnkId">Id of the unknown piece.</param>
/// <param name="Charsmap">How text is normalized; empty: it is not.</param>
/// <remarks>Kudo and Richardson 2018 (arXiv:1808.06226); fields as in sentencepiece_model.proto.</remarks>
internal sealed record SentencePieceFile(IReadOnlyList<SentencePiece> Pieces, int ModelType, int UnkId, byte[] Charsmap)
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="InvalidDataException">It is not a SentencePiece model, cut short, or has a piece that is none; the message says where.</exception>
    public static SentencePieceFile Read(byte[] bytes, string file)
    {
        var pieces = new List<SentencePiece>();
        var (modelType, unkId) = (1, 0);
        byte[] charsmap = [];
        using var input = new CodedInputStream(bytes);
        try
        {
            while (input.ReadTag() is var tag && tag != 0)
            {
                switch (Field(tag))
                {
                    case (1, WireFormat.WireType.LengthDelimited):
                        pieces.Add(Piece(input.ReadBytes()));
                        break;
                    case (2, WireFormat.WireType.LengthDelimited):
                        (modelType, unkId) = Trainer(input.ReadBytes());
                        break;
                    case (3, WireFormat.WireType.LengthDelimited):
                        charsmap = Normalizer(input.ReadBytes());
                        break;
                    default:
                        input.SkipLastField();
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or FormatException or DecoderFallbackException)
        {
            throw new InvalidDataException(
                $"{file}: not a SentencePiece model, or cut short: behind {pieces.Count} pieces, at byte {input.Position}: {Excerpt.Of(exception)}",
                exception
            );
        }
        if (pieces.Count == 0)
            throw new InvalidDataException($"{file}: it has no piece; expected a SentencePiece model.");
        if ((uint)unkId >= (uint)pieces.Count)
            throw new InvalidDataException($"{file}: unk_id is {unkId}; expected the index of one of the {pieces.Count} pieces.");
        return new SentencePieceFile(pieces, modelType, unkId, charsmap);
    }

    private static SentencePiece Piece(ByteString message)
    {
        var piece = new SentencePiece("", 0, SentencePieceType.Normal);
        var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            switch (Field(tag))
            {
                case (1, WireFormat.WireType.LengthDelimited):
                    piece = piece with { Text = _utf8.GetString(input.ReadBytes().Span) };
                    break;
                case (2, WireFormat.WireType.Fixed32):
                    piece = piece with { Score = input.ReadFloat() };
                    break;
                case (3, WireFormat.WireType.Varint):
                    piece = piece with { Type = (SentencePieceType)input.ReadInt32() };
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        if (piece.Text.Length == 0)
            throw new FormatException("the next piece is empty");
        return float.IsFinite(piece.Score)
            ? piece
            : throw new FormatException($"piece '{Excerpt.Of(piece.Text)}' has the score {piece.Score}, which is not finite");
    }

    private static (int ModelType, int UnkId) Trainer(ByteString message)
    {
        var (modelType, unkId) = (1, 0);
        var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            switch (Field(tag))
            {
                case (3, WireFormat.WireType.Varint):
                    modelType = input.ReadInt32();
                    break;
                case (40, WireFormat.WireType.Varint):
                    unkId = input.ReadInt32();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        return (modelType, unkId);
    }

    private static byte[] Normalizer(ByteString message)
    {
        byte[] charsmap = [];
        var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (Field(tag) == (2, WireFormat.WireType.LengthDelimited))
                charsmap = input.ReadBytes().ToByteArray();
            else
                input.SkipLastField();
        }
        return charsmap;
    }

    private static (int Number, WireFormat.WireType Type) Field(uint tag) => (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag));
}
