using System.Text.Json.Nodes;

namespace BertMl.Tokenization;

/// <summary>Folders with a small vocabulary.</summary>
internal static class SmallFolder
{
    private static readonly string[] _vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "cat", "<s>", "</s>", "new", "[", "]"];

    public static PretrainedTokenizer Load(TemporaryFolder folder) => PretrainedTokenizer.Load(folder.Path);

    /// <summary>As it is read, and as it is saved.</summary>
    public static PretrainedTokenizer[] Forms(TemporaryFolder folder)
    {
        var tokenizer = Load(folder);
        using var saved = new TemporaryFolder();
        tokenizer.Save(saved.Path);
        return [tokenizer, Load(saved), PretrainedTokenizer.FromBytes(tokenizer.ToBytes())];
    }

    public static void WriteVocabulary(TemporaryFolder folder) => File.WriteAllLines(folder["vocab.txt"], _vocabulary);

    public static void WriteJson(TemporaryFolder folder, Action<JsonObject> change)
    {
        using var source = new TemporaryFolder();
        WordPieceTokenizer.Create(_vocabulary).Save(source.Path);
        var json = JsonNode.Parse(File.ReadAllText(source["tokenizer.json"]))!.AsObject();
        change(json);
        File.WriteAllText(folder["tokenizer.json"], json.ToJsonString());
    }

    /// <summary>Adds a token to tokenizer.json; by default one that is not special is looked for in the normalized text.</summary>
    public static JsonObject Add(
        JsonObject json,
        int id,
        string content,
        bool special = false,
        bool? normalized = null,
        bool single = false,
        bool left = false,
        bool right = false
    )
    {
        json["added_tokens"]!
            .AsArray()
            .Add(
                new JsonObject
                {
                    ["id"] = id,
                    ["content"] = content,
                    ["single_word"] = single,
                    ["lstrip"] = left,
                    ["rstrip"] = right,
                    ["normalized"] = normalized ?? !special,
                    ["special"] = special,
                }
            );
        return json;
    }
}
