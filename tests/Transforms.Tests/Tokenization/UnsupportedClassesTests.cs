using System.Text.Json.Nodes;
using static BertMl.Tokenization.SmallFolder;

namespace BertMl.Tokenization;

/// <summary>Which folders are not read as their tokenizer.json stands, because transformers 5.23 would make other sections.</summary>
[TestClass]
public sealed class UnsupportedClassesTests
{
    [TestMethod]
    [DataRow("t5", "T5Tokenizer")]
    [DataRow("xlnet", "XLNetTokenizer")]
    [DataRow("big_bird", "BigBirdTokenizer")]
    [DataRow("camembert", "CamembertTokenizer")]
    [DataRow("herbert", "HerbertTokenizer")]
    [DataRow("mbart", "MBartTokenizer")]
    [DataRow("nllb", "NllbTokenizer")]
    [DataRow("rembert", "RemBertTokenizer")]
    [DataRow("splinter", "SplinterTokenizer")]
    [DataRow("funnel", "FunnelTokenizer")]
    [DataRow("barthez", "BarthezTokenizer")]
    [DataRow("qwen3", "Qwen2Tokenizer")]
    [DataRow("idefics", "LlamaTokenizer")]
    [DataRow("gpt_neox", "GPTNeoXTokenizer")]
    public void A_class_that_makes_the_sections_anew_is_refused_by_name(string type, string named)
    {
        using var folder = new TemporaryFolder();
        WriteJson(folder, _ => { });
        File.WriteAllText(folder["config.json"], $$"""{"model_type": "{{type}}"}""");
        var message = Assert.ThrowsExactly<InvalidDataException>(() => Load(folder)).Message;
        Assert.Contains($"config.json: model_type is {type}, for which transformers takes {named}, ", message);
        Assert.Contains("PreTrainedTokenizerFast", message);
        foreach (var name in (string[])[named, named + "Fast"])
        {
            File.WriteAllText(folder["config.json"], """{"model_type": "bert"}""");
            File.WriteAllText(folder["tokenizer_config.json"], $$"""{"tokenizer_class": "{{name}}"}""");
            Assert.Contains($"tokenizer_config.json: tokenizer_class is {name}, ", Assert.ThrowsExactly<InvalidDataException>(() => Load(folder)).Message);
        }
        File.WriteAllText(folder["config.json"], $$"""{"model_type": "{{type}}"}""");
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class": "PreTrainedTokenizerFast"}""");
        CollectionAssert.AreEqual(new[] { 2, 7, 3 }, Load(folder).Encode("cat").Ids);
    }

    [TestMethod]
    [DataRow("GemmaTokenizerFast")]
    [DataRow("EsmTokenizer")]
    [DataRow("BertTokenizer")]
    public void ModernBERT_has_its_tokenizer_json_as_it_stands_whatever_the_class(string named)
    {
        using var folder = new TemporaryFolder();
        WriteJson(folder, json => json["post_processor"] = null);
        File.WriteAllText(folder["config.json"], """{"model_type": "modernbert"}""");
        File.WriteAllText(folder["tokenizer_config.json"], $$"""{"tokenizer_class": "{{named}}"}""");
        foreach (var tokenizer in Forms(folder))
            CollectionAssert.AreEqual(new[] { 7 }, tokenizer.Encode("cat").Ids);
    }

    [TestMethod]
    public void LLaMAs_class_on_byte_level_sections_is_of_another_kind()
    {
        using var folder = new TemporaryFolder();
        WriteJson(folder, json => json["decoder"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}"""));
        File.WriteAllText(folder["config.json"], """{"model_type": "bert"}""");
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class": "LlamaTokenizer"}""");
        CollectionAssert.AreEqual(new[] { 2, 7, 3 }, Load(folder).Encode("cat").Ids);
    }
}
