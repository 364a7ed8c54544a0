using System.Text.Json;
using BertMl.Files;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization.Decoders;

/// <summary>The decoders that tokenizer.json may have, by type.</summary>
internal static class DecoderReader
{
    private static readonly SectionReader<IDecoder> _reader = new(
        "decoder",
        new()
        {
            ["BPEDecoder"] = BpeDecoder.Read,
            ["ByteFallback"] = _ => new ByteFallbackDecoder(),
            ["ByteLevel"] = section => new ByteLevelDecoder(ByteLevelPreTokenizer.Read(section)),
            ["Fuse"] = _ => new FuseDecoder(),
            ["Metaspace"] = section => new MetaspaceDecoder(MetaspacePreTokenizer.Read(section)),
            ["Replace"] = ReplaceDecoder.Read,
            ["Sequence"] = SequenceDecoder.Read,
            ["Strip"] = StripDecoder.Read,
            ["WordPiece"] = WordPieceDecoder.Read,
        }
    );

    /// <summary>The types that are read.</summary>
    public static IEnumerable<string> Types => _reader.Types;

    /// <summary>Reads a decoder.</summary>
    /// <exception cref="InvalidDataException">It is of a type that is not supported, or has a field that is wrong.</exception>
    public static IDecoder Read(JsonField section) => _reader.Read(section);
}
