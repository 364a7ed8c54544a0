using BertMl.Files;
using BertMl.Tokenization.Decoders;

namespace BertMl.Tokenization;

/// <summary>Files whose sections would take all memory, or all time, for a short text; and what decoders do with nothing.</summary>
[TestClass]
public sealed class SectionLimitsTests
{
    private const string TenOfOne = """{"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaaaa"}""";

    [TestMethod]
    public void A_text_that_normalizers_multiply_without_end_is_refused()
    {
        var tokenizer = Load(normalizer: Twelve("normalizers"));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Encode("a cat"));
        Assert.Contains("The normalizer", error.Message);
        Assert.Contains("longer than 4,194,804 characters", error.Message);
        CollectionAssert.AreEqual((int[])[1], tokenizer.Encode("x").Ids);
    }

    [TestMethod]
    public void Tokens_that_decoders_multiply_without_end_are_refused()
    {
        var tokenizer = Load(decoder: Twelve("decoders"));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Decode([2], skipSpecialTokens: false));
        Assert.Contains("The decoder", error.Message);
        Assert.AreEqual("x", tokenizer.Decode([1], skipSpecialTokens: false));
    }

    [TestMethod]
    public void An_added_token_that_normalizers_multiply_without_end_is_named()
    {
        const string added = """{"id": 3, "content": "<a>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": false}""";
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Load(normalizer: Twelve("normalizers"), added: added));
        Assert.Contains("tokenizer.json: the added token <a> cannot be normalized. The normalizer", error.Message);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(30)]
    public void A_regular_expression_that_does_not_come_to_an_end_is_given_up_after_seconds(int words)
    {
        var tokenizer = Load(
            preTokenizer: """
            {"type": "Sequence", "pretokenizers": [
              {"type": "WhitespaceSplit"}, {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated", "invert": false}]}
            """
        );
        var hostile = string.Join(' ', Enumerable.Repeat(new string('a', 40) + "x", words));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Encode(hostile));
        Assert.Contains("(a+)+$ of the tokenizer takes too long", error.Message);
        Assert.HasCount(2, tokenizer.Encode("x a").Ids);
    }

    [TestMethod]
    public void Many_matches_that_take_long_are_given_up_together()
    {
        // Each match takes less time than one may.
        var tokenizer = Load(normalizer: """{"type": "Replace", "pattern": {"Regex": "(b+)+(?![bx])|x"}, "content": "a"}""");
        var hostile = string.Concat(Enumerable.Repeat(new string('b', 22) + "x", 10_000));
        Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Encode(hostile));
        Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Encode(hostile, default, hasPair: false, new int[8]));
    }

    [TestMethod]
    [DataRow("""{"type": "Replace", "pattern": {"Regex": "a*"}, "content": "-"}""", "-b-c--x-")]
    [DataRow("""{"type": "Replace", "pattern": {"String": ""}, "content": "-"}""", "-b-a-a-c--x-")]
    [DataRow("""{"type": "WordPiece", "prefix": "", "cleanup": true}""", "baacx")]
    public void Decoders_take_nothing_as_tokenizers_does(string section, string expected)
    {
        var decoder = JsonField.Read(System.Text.Encoding.UTF8.GetBytes(section), "tokenizer.json", DecoderReader.Read);
        var again = JsonField.Read(JsonField.Write(decoder.Write), "tokenizer.json", DecoderReader.Read);
        Assert.AreEqual(expected, string.Concat(decoder.Decode(["baac", "", "x"])));
        Assert.AreEqual(expected, string.Concat(again.Decode(["baac", "", "x"])));
    }

    private static string Twelve(string list) => $$"""{"type": "Sequence", "{{list}}": [{{string.Join(", ", Enumerable.Repeat(TenOfOne, 12))}}]}""";

    private static PretrainedTokenizer Load(string normalizer = "null", string preTokenizer = "null", string decoder = "null", string added = "")
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder["tokenizer.json"],
            $$"""
            {"version": "1.0", "added_tokens": [{{added}}], "normalizer": {{normalizer}}, "pre_tokenizer": {{preTokenizer}}, "decoder": {{decoder}},
             "model": {"type": "WordLevel", "vocab": {"<unk>": 0, "x": 1, "a": 2}, "unk_token": "<unk>"} }
            """
        );
        return PretrainedTokenizer.Load(folder.Path);
    }
}
