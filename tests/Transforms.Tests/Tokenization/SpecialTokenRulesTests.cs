using System.Text.Json.Nodes;
using static BertMl.Tokenization.SmallFolder;

namespace BertMl.Tokenization;

/// <summary>Which special tokens a folder has where its files say it twice, or say that there is none: ids and spans are those of transformers 5.23.</summary>
[TestClass]
public sealed class SpecialTokenRulesTests
{
    private const string Lstrip = """{"__type": "AddedToken", "content": "[N]", "lstrip": true, "rstrip": false, "single_word": false, "special": true}""";

    [TestMethod]
    // The older name holds where the newer one says nothing.
    [DataRow("""{"additional_special_tokens": ["[E]"], "extra_special_tokens": {}}""", null, "[E]")]
    [DataRow("""{"additional_special_tokens": ["[E]"], "extra_special_tokens": []}""", null, "[E]")]
    [DataRow("""{"additional_special_tokens": ["[E]"], "extra_special_tokens": null}""", null, "[E]")]
    [DataRow("""{"additional_special_tokens": ["[E]"], "extra_special_tokens": ["[F]"]}""", null, "[F]")]
    [DataRow("""{"additional_special_tokens": ["[E]"], "extra_special_tokens": {"image_token": "[I]"}}""", null, "[I] [E]")]
    // special_tokens_map.json stands over the older name, which tokenizer_config.json makes the newer one.
    [DataRow("""{"additional_special_tokens": ["[E]"]}""", """{"additional_special_tokens": ["[F]"]}""", "[E]")]
    [DataRow("""{"additional_special_tokens": ["[E]"], "extra_special_tokens": {}}""", """{"additional_special_tokens": ["[F]"]}""", "[E]")]
    [DataRow("""{"additional_special_tokens": ["[E]"]}""", """{"additional_special_tokens": null}""", "[E]")]
    [DataRow("""{"additional_special_tokens": null}""", """{"additional_special_tokens": ["[F]"]}""", "")]
    [DataRow("""{"extra_special_tokens": null}""", """{"additional_special_tokens": ["[F]"]}""", "")]
    [DataRow("""{"extra_special_tokens": []}""", """{"additional_special_tokens": ["[F]"]}""", "")]
    [DataRow("""{"extra_special_tokens": {}}""", """{"additional_special_tokens": ["[F]"]}""", "[F]")]
    [DataRow("""{"extra_special_tokens": {"i_token": "[I]"}, "additional_special_tokens": ["[E]"]}""", """{"additional_special_tokens": ["[F]"]}""", "[I] [F]")]
    [DataRow("""{"additional_special_tokens": ["[E]"]}""", """{"extra_special_tokens": ["[F]"]}""", "[E] [F]")]
    [DataRow("""{"additional_special_tokens": ["[E]"]}""", """{"extra_special_tokens": {"image_token": "[F]"}}""", "[F]")]
    [DataRow("""{"extra_special_tokens": ["[E]"]}""", """{"extra_special_tokens": null}""", "")]
    [DataRow("{}", """{"extra_special_tokens": ["[F]"], "additional_special_tokens": ["[E]"]}""", "[F]")]
    // The other fields of special_tokens_map.json stand over tokenizer_config.json, but for the names of the model's own.
    [DataRow("""{"bos_token": "[I]"}""", """{"bos_token": "[F]"}""", "[F]")]
    [DataRow("""{"bos_token": "[I]"}""", """{"bos_token": null}""", "")]
    [DataRow("""{"bos_token": null}""", """{"bos_token": "[F]"}""", "[F]")]
    [DataRow("""{"image_token": "[I]"}""", """{"image_token": "[F]"}""", "[I]")]
    [DataRow("{}", """{"additional_special_tokens": ["[F]"], "image_token": "[I]"}""", "[I] [F]")]
    public void Special_tokens_of_two_fields_and_two_files(string config, string? map, string expected)
    {
        using var folder = Folder(config, map);
        foreach (var tokenizer in Forms(folder))
            Assert.AreEqual(expected, string.Join(' ', tokenizer.Vocabulary.Skip(13)));
    }

    [TestMethod]
    public void Switches_in_special_tokens_map_hold()
    {
        using var folder = Folder("""{"model_max_length": 7}""", """{"model_max_length": 3, "do_lower_case": false}""");
        foreach (var tokenizer in Forms(folder))
        {
            Assert.AreEqual(3, tokenizer.ModelMaxLength);
            CollectionAssert.AreEqual(new[] { 2, 1, 5, 3 }, tokenizer.Encode("A a").Ids);
        }
    }

    [TestMethod]
    [DataRow("""{"bos_token": TOKEN, "eos_token": "[N]"}""", 2)]
    [DataRow("""{"bos_token": "[N]", "eos_token": TOKEN}""", 1)]
    [DataRow("""{"bos_token": TOKEN, "additional_special_tokens": ["[N]"]}""", 2)]
    [DataRow("""{"bos_token": "[N]", "additional_special_tokens": [TOKEN]}""", 1)]
    [DataRow("""{"additional_special_tokens": [TOKEN, "[N]"]}""", 2)]
    [DataRow("""{"additional_special_tokens": ["[N]", TOKEN]}""", 1)]
    [DataRow("""{"bos_token": "[N]", "eos_token": TOKEN, "mask_token": "[N]"}""", 1)]
    [DataRow("""{"image_token": TOKEN, "additional_special_tokens": ["[N]"]}""", 2)]
    public void The_last_of_two_that_are_written_alike_says_how_they_are_matched(string config, int begin)
    {
        using var folder = Folder(config.Replace("TOKEN", Lstrip, StringComparison.Ordinal));
        foreach (var tokenizer in Forms(folder))
        {
            var encoding = tokenizer.Encode("a [N] b");
            CollectionAssert.AreEqual(new[] { 2, 5, 13, 6, 3 }, encoding.Ids);
            Assert.AreEqual(begin, encoding.Offsets[2].Start.Value);
        }
    }

    [TestMethod]
    [DataRow("bert", """{"cls_token": null}""", new[] { 2, 7, 3, 6, 3 })]
    [DataRow("bert", """{"sep_token": null}""", new[] { 2, 7, 3, 6, 3 })]
    [DataRow("bert", """{"cls_token": null, "sep_token": null}""", new[] { 3, 7, 3, 6, 3 })]
    [DataRow("mpnet", """{"cls_token": null}""", new[] { 0, 7, 9, 9, 6, 9 })]
    [DataRow("mpnet", """{"sep_token": null}""", new[] { 8, 7, 2, 2, 6, 2 })]
    [DataRow("mpnet", """{"cls_token": null, "sep_token": null}""", new[] { 0, 7, 2, 2, 6, 2 })]
    public void Where_a_class_has_ids_for_tokens_that_there_are_not_it_adds_them(string type, string config, int[] ids)
    {
        using var folder = Folder(config, modelType: type);
        foreach (var tokenizer in Forms(folder))
            CollectionAssert.AreEqual(ids, tokenizer.Encode("cat", "b").Ids);
    }

    [TestMethod]
    public void Unknown_words_are_an_error_where_there_is_no_unknown_token()
    {
        using var folder = Folder("""{"unk_token": null}""");
        foreach (var tokenizer in Forms(folder))
        {
            CollectionAssert.AreEqual(new[] { 2, 7, 3 }, tokenizer.Encode("cat").Ids);
            Assert.Contains("unknown token", Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Encode("zzz")).Message);
        }
    }

    [TestMethod]
    [DataRow("roberta", "sep_token")]
    [DataRow("roberta", "cls_token")]
    [DataRow("deberta", "cls_token")]
    public void Classes_that_need_a_token_refuse_its_absence_by_name(string type, string field)
    {
        using var folder = WithMerges($$"""{"{{field}}": null}""", type);
        var message = Assert.ThrowsExactly<InvalidDataException>(() => Load(folder)).Message;
        Assert.Contains($"tokenizer_config.json: {field} is null; ", message);
        File.WriteAllText(folder["tokenizer_config.json"], "{}");
        File.WriteAllText(folder["special_tokens_map.json"], $$"""{"{{field}}": null}""");
        Assert.Contains($"special_tokens_map.json: {field} is null; ", Assert.ThrowsExactly<InvalidDataException>(() => Load(folder)).Message);
    }

    [TestMethod]
    [DataRow("add_bos_token", new[] { 0, 1, 2, 0, 1 })]
    [DataRow("add_eos_token", new[] { 1, 2, 0, 1, 0 })]
    public void GPT2_adds_tokens_around_texts_only_where_there_is_no_tokenizer_json(string field, int[] ids)
    {
        using var folder = WithMerges($$"""{"{{field}}": true}""", "gpt2");
        foreach (var tokenizer in Forms(folder))
            CollectionAssert.AreEqual(ids, tokenizer.Encode("ab", "a").Ids);
        using var saved = new TemporaryFolder();
        Load(folder).Save(saved.Path);
        var json = JsonNode.Parse(File.ReadAllText(saved["tokenizer.json"]))!;
        json["post_processor"] = null;
        File.WriteAllText(folder["tokenizer.json"], json.ToJsonString());
        foreach (var tokenizer in Forms(folder))
            CollectionAssert.AreEqual(new[] { 1, 2, 1 }, tokenizer.Encode("ab", "a").Ids);
    }

    private static TemporaryFolder Folder(string config, string? map = null, string modelType = "bert")
    {
        var folder = new TemporaryFolder();
        WriteVocabulary(folder);
        File.WriteAllText(folder["config.json"], $$"""{"model_type": "{{modelType}}"}""");
        File.WriteAllText(folder["tokenizer_config.json"], config);
        if (map is not null)
            File.WriteAllText(folder["special_tokens_map.json"], map);
        return folder;
    }

    private static TemporaryFolder WithMerges(string config, string modelType)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder["vocab.json"], """{"<|endoftext|>": 0, "a": 1, "b": 2}""");
        File.WriteAllText(folder["merges.txt"], "#version: 0.2\n");
        File.WriteAllText(folder["config.json"], $$"""{"model_type": "{{modelType}}"}""");
        File.WriteAllText(folder["tokenizer_config.json"], config);
        return folder;
    }
}
