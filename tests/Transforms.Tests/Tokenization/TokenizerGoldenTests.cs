using System.Text.Json;

namespace BertMl.Tokenization;

/// <summary>Against Hugging Face's fast tokenizers, on the sets in golden/tokenizer.</summary>
[TestClass]
public sealed class TokenizerGoldenTests
{
    [TestMethod]
    [DataRow("bert-base-uncased", "bert-base-uncased", true, null)]
    [DataRow("uncased-keep-accents", "bert-base-uncased", true, false)]
    [DataRow("bert-base-multilingual-cased", "bert-base-multilingual-cased", false, null)]
    [DataRow("bert-base-chinese", "bert-base-chinese", true, null)]
    public void Every_case_is_as_Hugging_Face_has_it(string set, string vocabulary, bool lowercase, bool? stripAccents)
    {
        var file = Golden.Path("golden", "tokenizer", $"{set}.jsonl");
        var options = new WordPieceOptions { Lowercase = lowercase, StripAccents = stripAccents };
        TokenizerCases.Check(WordPieceTokenizer.Load(Golden.Path("data", "vocab", vocabulary, "vocab.txt"), options), File.ReadLines(file));
    }

    [TestMethod]
    public void Every_case_of_Gpt2_is_as_Hugging_Face_has_it() =>
        TokenizerCases.Check(PretrainedTokenizer.Load(Golden.Path("data", "vocab", "gpt2")), File.ReadLines(Golden.Path("golden", "tokenizer", "gpt2.jsonl")));

    /// <summary>Whole, and again without tokenizer.json, by the older files alone.</summary>
    [TestMethod]
    [DataRow("wordpiece", true)]
    [DataRow("wordpiece", false)]
    [DataRow("bytebpe", true)]
    [DataRow("bytebpe", false)]
    [DataRow("albert", true)]
    [DataRow("albert", false)]
    [DataRow("xlm-roberta", true)]
    [DataRow("xlm-roberta", false)]
    [DataRow("deberta-v3", true)]
    [DataRow("deberta-v3", false)]
    public void A_Hugging_Face_folder_is_read_and_every_case_is_as_there(string name, bool whole)
    {
        var folder = Golden.Path("golden", "tokenizer", "small", name);
        using var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(folder).Where(file => whole || Path.GetFileName(file) != "tokenizer.json"))
            File.Copy(file, copy[Path.GetFileName(file)]);
        var tokenizer = PretrainedTokenizer.Load(copy.Path);
        foreach (var again in (PretrainedTokenizer[])[tokenizer, PretrainedTokenizer.FromBytes(tokenizer.ToBytes())])
            TokenizerCases.Check(again, File.ReadLines(Path.Combine(folder, "text_cases.jsonl")));
    }

    [TestMethod]
    [DataRow("bert-base-uncased", true)]
    [DataRow("bert-base-multilingual-cased", false)]
    public void Every_code_point_is_as_Hugging_Face_has_it(string vocabulary, bool lowercase)
    {
        var file = Golden.Path("golden", "tokenizer", $"codepoints-{vocabulary}.jsonl");
        var tokenizer = WordPieceTokenizer.Load(Golden.Path("data", "vocab", vocabulary, "vocab.txt"), new WordPieceOptions { Lowercase = lowercase });
        var ids = new int[16];
        foreach (var line in File.ReadLines(file))
        {
            using var row = JsonDocument.Parse(line);
            var codePoint = row.RootElement[0].GetInt32();
            var c = char.ConvertFromUtf32(codePoint);
            var count = tokenizer.Encode($"a{c}b {c}1", default, hasPair: false, ids).Count;
            CollectionAssert.AreEqual(row.RootElement[1].EnumerateArray().Select(id => id.GetInt32()).ToArray(), ids[1..(count - 1)], $"U+{codePoint:X4}");
        }
    }
}
