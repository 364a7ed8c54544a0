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
        var tokenizer = PretrainedTokenizer.Load(
            Golden.Path("data", "vocab", vocabulary),
            new WordPieceOptions { Lowercase = lowercase, StripAccents = stripAccents }
        );
        TokenizerCases.Check(tokenizer, File.ReadLines(file));
    }

    [TestMethod]
    public void A_Hugging_Face_folder_is_read_and_every_case_is_as_there()
    {
        var folder = Golden.Path("golden", "tokenizer", "small", "wordpiece");
        TokenizerCases.Check(PretrainedTokenizer.Load(folder), File.ReadLines(Path.Combine(folder, "text_cases.jsonl")));
    }

    [TestMethod]
    [DataRow("bert-base-uncased", true)]
    [DataRow("bert-base-multilingual-cased", false)]
    public void Every_code_point_is_as_Hugging_Face_has_it(string vocabulary, bool lowercase)
    {
        var file = Golden.Path("golden", "tokenizer", $"codepoints-{vocabulary}.jsonl");
        var tokenizer = PretrainedTokenizer.Load(Golden.Path("data", "vocab", vocabulary), new WordPieceOptions { Lowercase = lowercase });
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
