using System.Buffers.Binary;

namespace BertMl.Tokenization.Folders;

/// <summary>A tokenizer within saved models: tokenizer.json and tokenizer_config.json, each behind its length (int32, little-endian).</summary>
internal static class TokenizerBytes
{
    /// <summary>Writes a tokenizer.</summary>
    public static byte[] Write(TokenizerSections sections, TokenizerSettings settings)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (var file in (byte[][])[TokenizerJson.Write(sections), TokenizerConfigWriter.Write(sections, settings)])
        {
            writer.Write(file.Length);
            writer.Write(file);
        }
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads a tokenizer: tokenizer.json as it stands, for it is what was in use.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a tokenizer.</exception>
    public static PretrainedTokenizer Read(ReadOnlySpan<byte> bytes)
    {
        var json = Part(ref bytes);
        var config = TokenizerConfigFile.Read(Part(ref bytes), "tokenizer_config.json");
        if (!bytes.IsEmpty)
            throw new InvalidDataException($"Tokenizer bytes: {bytes.Length} bytes too many.");
        return FamilyTokenizer.Restore(TokenizerJson.Read(json, "tokenizer.json"), config);
    }

    private static byte[] Part(ref ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - sizeof(int))
            throw new InvalidDataException("Tokenizer bytes are cut short, or are not a tokenizer.");
        var part = bytes.Slice(sizeof(int), length).ToArray();
        bytes = bytes[(sizeof(int) + length)..];
        return part;
    }
}
