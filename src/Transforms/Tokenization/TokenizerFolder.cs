using System.Text;
using System.Text.Json;

namespace BertMl.Tokenization;

/// <summary>A tokenizer's files in a Hugging Face folder.</summary>
internal static class TokenizerFolder
{
    private const string VocabularyFile = "vocab.txt";
    private const string TokenizerFile = "tokenizer.json";
    private const string ConfigFile = "tokenizer_config.json";
    private const string SpecialTokensFile = "special_tokens_map.json";
    private const string AddedTokensFile = "added_tokens.json";

    public static WordPieceTokenizer Read(string folder, WordPieceOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        string File(string name) => Path.Combine(folder, name);
        foreach (var file in (string[])[File(SpecialTokensFile), File(ConfigFile)])
        {
            if (System.IO.File.Exists(file))
                options = TokenizerConfig.Read(System.IO.File.ReadAllBytes(file), file, options);
        }
        if (System.IO.File.Exists(File(TokenizerFile)))
            return new WordPieceTokenizer(TokenizerJson.Read(System.IO.File.ReadAllBytes(File(TokenizerFile)), File(TokenizerFile), options), File(TokenizerFile));
        if (!System.IO.File.Exists(File(VocabularyFile)))
            throw new FileNotFoundException($"Folder '{folder}' has neither {TokenizerFile} nor {VocabularyFile}.", File(VocabularyFile));
        var tokens = VocabularyText.Read(System.IO.File.ReadAllBytes(File(VocabularyFile)), File(VocabularyFile));
        var added = System.IO.File.Exists(File(AddedTokensFile)) ? TokenizerConfig.ReadAddedTokens(System.IO.File.ReadAllBytes(File(AddedTokensFile)), File(AddedTokensFile)) : [];
        return new WordPieceTokenizer(WordPieceDefinition.Create(tokens, added, options, File(VocabularyFile)), File(VocabularyFile));
    }

    public static void Write(string folder, WordPieceDefinition definition)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, VocabularyFile), VocabularyText.Write(definition.Tokens.Take(definition.ModelSize)));
        Write(Path.Combine(folder, TokenizerFile), TokenizerJson.Write(definition));
        Write(Path.Combine(folder, ConfigFile), TokenizerConfig.Write(definition.Options));
        Write(Path.Combine(folder, SpecialTokensFile), TokenizerConfig.WriteSpecialTokens(definition.Options));
    }

    /// <summary>tokenizer.json and tokenizer_config.json, each behind its length (int32, little-endian).</summary>
    public static byte[] ToBytes(WordPieceDefinition definition)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (var file in (byte[][])[TokenizerJson.Write(definition), TokenizerConfig.Write(definition.Options)])
        {
            writer.Write(file.Length);
            writer.Write(file);
        }
        writer.Flush();
        return stream.ToArray();
    }

    public static WordPieceTokenizer FromBytes(ReadOnlySpan<byte> bytes)
    {
        var tokenizer = Part(ref bytes);
        var config = Part(ref bytes);
        if (!bytes.IsEmpty)
            throw new InvalidDataException($"Tokenizer bytes: {bytes.Length} bytes too many.");
        return new WordPieceTokenizer(TokenizerJson.Read(tokenizer, TokenizerFile, TokenizerConfig.Read(config, ConfigFile, new WordPieceOptions())), TokenizerFile);
    }

    private static byte[] Part(ref ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length < sizeof(int) ? -1 : System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - sizeof(int))
            throw new InvalidDataException("Tokenizer bytes are cut short, or are not a tokenizer.");
        var part = bytes.Slice(sizeof(int), length).ToArray();
        bytes = bytes[(sizeof(int) + length)..];
        return part;
    }

    /// <summary>Writes a file whole or not at all.</summary>
    private static void Write(string path, byte[] bytes)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}

/// <summary>vocab.txt: one token a line, its id the number of the line, from 0.</summary>
internal static class VocabularyText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static List<string> Read(byte[] bytes, string file)
    {
        var rest = bytes.AsSpan();
        if (rest.StartsWith("\uFEFF"u8))
            rest = rest[3..];
        var tokens = new List<string>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line.EndsWith("\r"u8))
                line = line[..^1];
            string token;
            try
            {
                token = Strict.GetString(line);
            }
            catch (DecoderFallbackException exception)
            {
                throw new InvalidDataException($"{file}: line {tokens.Count + 1} is not UTF-8.", exception);
            }
            tokens.Add(token);
            if (!lines.TryAdd(token, tokens.Count))
                throw new InvalidDataException($"{file}: lines {lines[token]} and {tokens.Count} both have the token '{token}'; each must be another.");
        }
        return tokens.Count == 0 ? throw new InvalidDataException($"{file} is empty; expected one token a line.") : tokens;
    }

    public static byte[] Write(IEnumerable<string> tokens) => Strict.GetBytes(string.Concat(tokens.Select(token => token + "\n")));
}
