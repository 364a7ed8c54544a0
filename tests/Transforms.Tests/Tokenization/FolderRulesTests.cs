using System.Text.Json.Nodes;
using static BertMl.Tokenization.SmallFolder;

namespace BertMl.Tokenization;

/// <summary>What the files of a folder decide where they disagree, each as transformers 5.23 has it: the ids are its own.</summary>
[TestClass]
public sealed class FolderRulesTests
{
    private const string Bert = """{"model_type": "bert"}""";

    [TestMethod]
    public void A_class_adds_the_tokens_of_tokenizer_json_in_the_order_of_their_ids()
    {
        using var folder = new TemporaryFolder();
        WriteJson(folder, json => Add(Add(json, 22, "[NEW]"), 17, "newtoken"));
        File.WriteAllText(folder["config.json"], Bert);
        CollectionAssert.AreEqual(new[] { 2, 5, 14, 13, 3 }, Load(folder).Encode("a [NEW] newtoken").Ids);
        // Without a class they have the order of the file.
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class": "PreTrainedTokenizerFast"}""");
        CollectionAssert.AreEqual(new[] { 2, 5, 13, 14, 3 }, Load(folder).Encode("a [NEW] newtoken").Ids);
    }

    [TestMethod]
    public void Tokenizer_json_says_which_end_is_cut_unless_tokenizer_config_does()
    {
        using var folder = new TemporaryFolder();
        WriteJson(folder, json => json["truncation"] = JsonNode.Parse("""{"direction": "Left", "max_length": 8, "strategy": "LongestFirst", "stride": 0}"""));
        File.WriteAllText(folder["config.json"], Bert);
        foreach (var tokenizer in Forms(folder))
            CollectionAssert.AreEqual(new[] { 2, 6, 7, 3 }, tokenizer.Encode("a b cat", options: new() { MaximumLength = 4 }).Ids);
        File.WriteAllText(folder["tokenizer_config.json"], """{"truncation_side": "right"}""");
        foreach (var tokenizer in Forms(folder))
            CollectionAssert.AreEqual(new[] { 2, 5, 6, 3 }, tokenizer.Encode("a b cat", options: new() { MaximumLength = 4 }).Ids);
    }

    [TestMethod]
    [DataRow(
        "truncation",
        """{"direction": "Up", "max_length": 8, "strategy": "LongestFirst", "stride": 0}""",
        "direction is \"Up\"; expected \"Right\", \"Left\""
    )]
    [DataRow("truncation", """{"max_length": 8, "strategy": "Longest", "stride": 0}""", "expected \"LongestFirst\", \"OnlyFirst\", \"OnlySecond\"")]
    [DataRow("padding", """{"direction": "up", "strategy": "BatchLongest"}""", "padding.direction is \"up\"; expected \"Right\", \"Left\"")]
    public void Sides_and_strategies_that_there_are_not_are_named(string section, string value, string message)
    {
        using var folder = new TemporaryFolder();
        WriteJson(folder, json => json[section] = JsonNode.Parse(value));
        File.WriteAllText(folder["config.json"], Bert);
        Assert.Contains(message, Assert.ThrowsExactly<InvalidDataException>(() => Load(folder)).Message);
    }

    [TestMethod]
    [DataRow("additional_special_tokens", new[] { 2, 13, 13, 3 }, "[new] [new]")]
    [DataRow("extra_special_tokens", new[] { 2, 13, 11, 10, 12, 3 }, "[ new ]")]
    public void Tokens_of_added_tokens_json_are_special_under_the_newer_name(string field, int[] ids, string decoded)
    {
        using var folder = new TemporaryFolder();
        WriteVocabulary(folder);
        File.WriteAllText(folder["config.json"], Bert);
        File.WriteAllText(folder["added_tokens.json"], """{"[NEW]": 13}""");
        File.WriteAllText(folder["special_tokens_map.json"], $$"""{"{{field}}": ["[NEW]"]}""");
        foreach (var tokenizer in Forms(folder))
        {
            CollectionAssert.AreEqual(ids, tokenizer.Encode("[NEW] [new]").Ids);
            Assert.AreEqual(decoded, tokenizer.Decode(ids, skipSpecialTokens: true));
        }
    }

    [TestMethod]
    public void Special_tokens_of_MPNet_are_matched_as_they_are_written()
    {
        using var folder = new TemporaryFolder();
        WriteVocabulary(folder);
        File.WriteAllText(folder["config.json"], """{"model_type": "mpnet"}""");
        foreach (var tokenizer in Forms(folder))
        {
            var ids = tokenizer.Encode("cat zzz [unk] [UNK]").Ids;
            CollectionAssert.AreEqual(new[] { 8, 7, 1, 11, 1, 12, 1, 9 }, ids);
            Assert.AreEqual("<s> cat [UNK] [ [UNK] ] [UNK] </s>", tokenizer.Decode(ids, skipSpecialTokens: false));
            Assert.AreEqual("cat [ ]", tokenizer.Decode(ids, skipSpecialTokens: true));
        }
    }

    [TestMethod]
    public void What_is_special_in_one_of_the_files_stays_so_when_saved()
    {
        using var folder = new TemporaryFolder();
        WriteJson(folder, json => Add(json, 13, "[NEW]", special: true));
        File.WriteAllText(
            folder["tokenizer_config.json"],
            """{"tokenizer_class": "PreTrainedTokenizerFast", "added_tokens_decoder": {"13": {"content": "[NEW]", "special": false, "normalized": false}}}"""
        );
        foreach (var tokenizer in Forms(folder))
            Assert.AreEqual("a", tokenizer.Decode([5, 13], skipSpecialTokens: true));
    }

    [TestMethod]
    public void A_class_whose_model_the_file_has_not_names_the_special_tokens_that_it_has()
    {
        using var folder = new TemporaryFolder();
        WriteJson(
            folder,
            json =>
                json["model"] = new JsonObject
                {
                    ["type"] = "WordLevel",
                    ["unk_token"] = "[UNK]",
                    ["vocab"] = json["model"]!["vocab"]!.DeepClone(),
                }
        );
        File.WriteAllText(folder["config.json"], Bert);
        foreach (var tokenizer in Forms(folder))
            Assert.AreEqual((4, 2, 0), (tokenizer.MaskTokenId, tokenizer.ClsTokenId, tokenizer.PadTokenId));
        File.WriteAllText(folder["config.json"], """{"model_type": "roberta"}""");
        Assert.AreEqual((null, 8, 9), (Load(folder).MaskTokenId, Load(folder).ClsTokenId, Load(folder).SepTokenId));
    }

    [TestMethod]
    [DataRow("canine", "CanineTokenizer")]
    [DataRow("esm", "EsmTokenizer")]
    [DataRow("roformer", "RoFormerTokenizer")]
    public void A_model_type_whose_tokenizer_has_rules_of_its_own_is_refused_by_name(string type, string named)
    {
        using var folder = new TemporaryFolder();
        WriteJson(folder, _ => { });
        WriteVocabulary(folder);
        File.WriteAllText(folder["config.json"], $$"""{"model_type": "{{type}}"}""");
        Assert.Contains(named, Assert.ThrowsExactly<InvalidDataException>(() => Load(folder)).Message);
    }

    [TestMethod]
    public void A_vocabulary_alone_is_a_BERTs_where_nothing_says_otherwise()
    {
        using var folder = new TemporaryFolder();
        WriteVocabulary(folder);
        Assert.AreEqual("[MASK]", Load(folder).MaskToken);
        File.WriteAllText(folder["config.json"], """{"model_type": "nobody_knows"}""");
        Assert.Contains("models of type nobody_knows", Assert.ThrowsExactly<FileNotFoundException>(() => Load(folder)).Message);
        File.WriteAllText(folder["config.json"], """{"model_type": "big_bird"}""");
        Assert.Contains("BigBirdTokenizer", Assert.ThrowsExactly<InvalidDataException>(() => Load(folder)).Message);
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class": "BertTokenizer"}""");
        Assert.AreEqual("[MASK]", Load(folder).MaskToken);
        foreach (var type in (string[])["lxmert", "visual_bert", "ernie"])
        {
            File.Delete(folder["tokenizer_config.json"]);
            File.WriteAllText(folder["config.json"], $$"""{"model_type": "{{type}}"}""");
            Assert.AreEqual("[MASK]", Load(folder).MaskToken);
        }
    }

    [TestMethod]
    public void Numbers_that_only_Python_takes_for_JSON_are_read()
    {
        using var folder = new TemporaryFolder();
        WriteVocabulary(folder);
        File.WriteAllText(
            folder["tokenizer_config.json"],
            """{"do_lower_case": false, "model_max_length": Infinity, "x": [NaN, -Infinity, "NaN \" Infinity"], "unk_token": "[UNK]"}"""
        );
        Assert.AreEqual(int.MaxValue, Load(folder).ModelMaxLength);
        File.WriteAllText(folder["tokenizer_config.json"], """{"model_max_length": NaN}""");
        Assert.Contains("model_max_length", Assert.ThrowsExactly<InvalidDataException>(() => Load(folder)).Message);
        File.WriteAllText(folder["tokenizer_config.json"], """{"model_max_length": NaNa}""");
        Assert.Contains("not valid JSON", Assert.ThrowsExactly<InvalidDataException>(() => Load(folder)).Message);
    }
}
