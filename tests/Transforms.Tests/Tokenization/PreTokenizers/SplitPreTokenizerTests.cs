using BertMl.Files;

namespace BertMl.Tokenization.PreTokenizers;

[TestClass]
public sealed class SplitPreTokenizerTests
{
    [TestMethod]
    public void Every_pattern_and_behaviour_splits_as_in_tokenizers()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Tokenization", "Data", "splits.json");
        JsonField.Read(
            File.ReadAllBytes(file),
            "splits.json",
            root =>
            {
                foreach (var test in root.Required("splits").Items())
                {
                    var split = SplitPreTokenizer.Read(test.Required("split"));
                    foreach (var row in test.Required("rows").Items())
                    {
                        JsonField[] parts = [.. row.Items()];
                        var expected = parts[1].Items().Select(pair => string.Join('-', pair.Items().Select(position => position.Int32())));
                        var text = new PreTokenizedText();
                        text.Reset(parts[0].String(), 0);
                        split.PreTokenize(text);
                        var words = text.Words.ToArray().Select(word => $"{word.Start}-{word.End}");
                        Assert.AreEqual(string.Join(' ', expected), string.Join(' ', words), $"'{parts[0].String()}' {Json(split)}");
                    }
                }
                return 0;
            }
        );
    }

    [TestMethod]
    [DataRow("""{"Regex": "(?i:'s)"}""", "(?i:")]
    [DataRow("""{"Regex": "\\p{Han}+"}""", "\\p{Han}")]
    [DataRow("""{"Regex": "[[:alpha:]]"}""", "a set within a set")]
    [DataRow("""{"Regex": "\\bword\\b"}""", "\\b")]
    [DataRow("""{"Regex": "a{,3}"}""", "{,3}")]
    [DataRow("""{"Regex": "a**"}""", "a quantifier of a quantifier")]
    [DataRow("""{"Regex": "a)"}""", ")")]
    [DataRow("""{"Regex": "(a"}""", "Not enough )")]
    [DataRow("""{"Regex": "[a"}""", "a set that does not end")]
    [DataRow("""{"Regex": "\\"}""", "\\")]
    [DataRow("""{"Pattern": "a"}""", "Regex")]
    public void What_is_not_supported_is_named(string pattern, string named)
    {
        var json = $$"""{"type": "Split", "pattern": {{pattern}}, "behavior": "Isolated", "invert": false}""";
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            JsonField.Read(System.Text.Encoding.UTF8.GetBytes(json), "tokenizer.json", SplitPreTokenizer.Read)
        );
        Assert.Contains("tokenizer.json: pattern", error.Message);
        Assert.Contains(named, error.Message);
    }

    private static string Json(SplitPreTokenizer split) => System.Text.Encoding.UTF8.GetString(JsonField.Write(split.Write));
}
