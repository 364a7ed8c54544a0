using System.Globalization;
using BertMl.Files;
using BertMl.Tokenization.Models;
using BertMl.Tokenization.Normalizers;
using BertMl.Tokenization.SlowFormats;

namespace BertMl.Tokenization.Folders;

/// <summary>A tokenizer's files in a Hugging Face folder; the rules stand at <see cref="PretrainedTokenizer.Load"/>.</summary>
internal static class TokenizerFolder
{
    private const string TokenizerFile = "tokenizer.json";
    private const string ConfigFile = "tokenizer_config.json";
    private const string SpecialTokensFile = "special_tokens_map.json";
    private const string AddedTokensFile = "added_tokens.json";
    private const string ModelConfigFile = "config.json";

    /// <summary>Has a folder the files of a tokenizer, of any kind?</summary>
    public static bool HasTokenizer(string folder) =>
        File.Exists(Path.Combine(folder, TokenizerFile))
        || TokenizerClasses.Formats(null).Any(format => format.Format.Files.All(name => File.Exists(Path.Combine(folder, name))));

    /// <summary>Reads a folder.</summary>
    public static PretrainedTokenizer Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        AtomicFolder.Complete(folder);
        var config = TokenizerConfigFile.Read(Bytes(ConfigFile), Place(ConfigFile));
        var listed = config.AddedTokens;
        if (listed is null)
            ReadOlderFiles(config, listed = []);
        var json = Bytes(TokenizerFile);
        var family = TokenizerClasses.Choose(config, Bytes(ModelConfigFile), Place(ModelConfigFile), Place(ConfigFile), json, out var kind);
        if (json is not null)
        {
            var sections = TokenizerJson.Read(json, Place(TokenizerFile));
            if (config.AddedTokens is null)
            {
                foreach (var (id, token) in sections.AddedTokens.InFile)
                    listed[id] = token;
            }
            return FamilyTokenizer.FromJson(sections, family, config, listed, Place(TokenizerFile));
        }
        if (family is null && kind is not null)
            throw new FileNotFoundException(
                $"Folder '{folder}' has no {TokenizerFile}, which tokenizers of {kind} need; a vocabulary alone does not say how they split words. "
                    + $"Where it is a BERT's, say so: \"tokenizer_class\": \"BertTokenizer\" in {ConfigFile}.",
                Place(TokenizerFile)
            );
        foreach (var (candidate, format) in TokenizerClasses.Formats(family))
        {
            if (!format.Files.All(name => File.Exists(Place(name))))
                continue;
            (byte[], string)[] files = [.. format.Files.Select(name => (Bytes(name)!, Place(name)))];
            return FamilyTokenizer.FromSlowFiles(format, files, candidate, config, listed, Place(format.Files[0]));
        }
        var expected = string.Join(", ", TokenizerClasses.Formats(family).Select(format => string.Join(" and ", format.Format.Files)).Distinct());
        throw new FileNotFoundException($"Folder '{folder}' has no tokenizer: neither {TokenizerFile} nor {expected}.", Place(TokenizerFile));

        string Place(string name) => Path.Combine(folder, name);
        byte[]? Bytes(string name) => File.Exists(Place(name)) ? InputFile.ReadAllBytes(Place(name)) : null;

        void ReadOlderFiles(TokenizerConfigFile into, SortedDictionary<int, AddedToken> tokens)
        {
            if (Bytes(SpecialTokensFile) is { } special)
                into.ReadSpecialTokensMap(special, Place(SpecialTokensFile));
            if (Bytes(AddedTokensFile) is { } further)
            {
                foreach (var (id, token) in into.ReadAddedTokens(further, Place(AddedTokensFile)))
                    tokens[id] = token;
            }
        }
    }

    /// <summary>Writes the files into a folder that exists.</summary>
    public static void Write(string folder, TokenizerSections sections, TokenizerSettings settings)
    {
        Write(TokenizerFile, TokenizerJson.Write(sections));
        Write(ConfigFile, TokenizerConfigWriter.Write(sections, settings));
        Write(SpecialTokensFile, TokenizerConfigWriter.WriteSpecialTokens(settings));
        switch (sections.Model)
        {
            case WordPieceModel model when VocabularyText.Write(model.Vocabulary) is { } text:
                Write("vocab.txt", text);
                break;
            case BytePairModel model:
                Write("vocab.json", BytePairFiles.WriteVocabulary(model));
                Write("merges.txt", BytePairFiles.WriteMerges(model));
                break;
        }

        void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(folder, name), bytes);
    }
}
