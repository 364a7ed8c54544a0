using System.Buffers.Binary;
using BertMl.Checkpoints;
using BertMl.Files;
using BertMl.Networks;

namespace BertMl.Tokenization;

/// <summary>A tokenizer's files in a Hugging Face folder.</summary>
internal static class TokenizerFolder
{
    private const string VocabularyFile = "vocab.txt";
    private const string TokenizerFile = "tokenizer.json";
    private const string ConfigFile = "tokenizer_config.json";
    private const string SpecialTokensFile = "special_tokens_map.json";
    private const string AddedTokensFile = "added_tokens.json";

    public static PretrainedTokenizer Read(string folder, WordPieceOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        var (special, config, json, text, further) = (
            Bytes(SpecialTokensFile),
            Bytes(ConfigFile),
            Bytes(TokenizerFile),
            Bytes(VocabularyFile),
            Bytes(AddedTokensFile)
        );
        if (special is not null)
            options = TokenizerConfig.Read(special, Place(SpecialTokensFile), options);
        var additional =
            (config is null ? null : TokenizerConfig.ReadAdditionalSpecialTokens(config, Place(ConfigFile)))
            ?? (special is null ? null : TokenizerConfig.ReadAdditionalSpecialTokens(special, Place(SpecialTokensFile)))
            ?? [];
        if (json is not null)
            return Combine(json, Place(TokenizerFile), config, Place(ConfigFile), options, additional);
        if (text is null)
            throw new FileNotFoundException($"Folder '{folder}' has neither {TokenizerFile} nor {VocabularyFile}.", Place(VocabularyFile));
        var added = further is null ? [] : TokenizerConfig.ReadAddedTokens(further, Place(AddedTokensFile));
        if (config is not null)
        {
            options = TokenizerConfig.Read(config, Place(ConfigFile), options);
            var described = TokenizerConfig.ReadAddedTokensDecoder(config, Place(ConfigFile));
            added = [.. described, .. added.Where(token => described.TrueForAll(other => other.Id != token.Id))];
        }
        var vocabulary = VocabularyText.Read(text, Place(VocabularyFile));
        var definition = WordPieceDefinition.Create(vocabulary, WithAdditional(vocabulary, added, additional), options, Place(VocabularyFile));
        return new PretrainedTokenizer(definition, Place(VocabularyFile));

        string Place(string name) => Path.Combine(folder, name);
        byte[]? Bytes(string name) => File.Exists(Place(name)) ? File.ReadAllBytes(Place(name)) : null;
    }

    /// <summary>tokenizer.json, and over it what tokenizer_config.json says, as in Hugging Face.</summary>
    private static PretrainedTokenizer Combine(
        byte[] json,
        string jsonFile,
        byte[]? config,
        string configFile,
        WordPieceOptions options,
        List<AddedToken> additional
    )
    {
        (var vocabulary, var added, options) = TokenizerJson.Read(json, jsonFile, options);
        if (config is not null)
            options = TokenizerConfig.Read(config, configFile, options);
        return new PretrainedTokenizer(WordPieceDefinition.Create(vocabulary, WithAdditional(vocabulary, added, additional), options, jsonFile), jsonFile);
    }

    /// <summary>Additional special tokens have the id of their entry in the vocabulary or, where there is none, the next free one, as in Hugging Face.</summary>
    private static List<AddedToken> WithAdditional(List<string> vocabulary, List<AddedToken> added, List<AddedToken> additional)
    {
        var next = Math.Max(vocabulary.Count, added.Select(token => token.Id + 1).DefaultIfEmpty().Max());
        foreach (var token in additional.Where(token => token.Content.Length > 0))
        {
            var known = added.FindIndex(other => other.Content == token.Content);
            var id = known < 0 ? vocabulary.IndexOf(token.Content) : added[known].Id;
            if (known >= 0)
                added[known] = added[known] with { Special = true };
            else
                added.Add(token with { Id = id < 0 ? next++ : id });
        }
        return added;
    }

    /// <summary>Writes the files into a folder that exists.</summary>
    public static void Write(string folder, WordPieceDefinition definition)
    {
        File.WriteAllBytes(Path.Combine(folder, VocabularyFile), VocabularyText.Write(definition.Tokens.Take(definition.ModelSize)));
        File.WriteAllBytes(Path.Combine(folder, TokenizerFile), TokenizerJson.Write(definition));
        File.WriteAllBytes(Path.Combine(folder, ConfigFile), TokenizerConfig.Write(definition.Options));
        File.WriteAllBytes(Path.Combine(folder, SpecialTokensFile), TokenizerConfig.WriteSpecialTokens(definition.Options));
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

    public static PretrainedTokenizer FromBytes(ReadOnlySpan<byte> bytes)
    {
        var tokenizer = Part(ref bytes);
        var config = Part(ref bytes);
        if (!bytes.IsEmpty)
            throw new InvalidDataException($"Tokenizer bytes: {bytes.Length} bytes too many.");
        return Combine(tokenizer, TokenizerFile, config, ConfigFile, new WordPieceOptions(), []);
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

/// <summary>vocab.txt: one token a line, its id the number of the line, from 0.</summary>
internal static class VocabularyText
{
    public static List<string> Read(byte[] bytes, string file)
    {
        var tokens = new List<string>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        using var stream = new MemoryStream(bytes);
        foreach (var token in Utf8LineReader.ReadAll(stream, file))
        {
            tokens.Add(token);
            if (!lines.TryAdd(token, tokens.Count))
                throw new InvalidDataException($"{file}: lines {lines[token]} and {tokens.Count} both have the token '{token}'; each must be another.");
        }
        return tokens.Count == 0 ? throw new InvalidDataException($"{file} is empty; expected one token a line.") : tokens;
    }

    public static byte[] Write(IEnumerable<string> tokens) => System.Text.Encoding.UTF8.GetBytes(string.Concat(tokens.Select(token => token + "\n")));
}
