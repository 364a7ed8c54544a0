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
    [DataRow("""{"Regex": "(?i)s"}""", "(?i)")]
    [DataRow("""{"Regex": "(?i:this fish)"}""", "fi within (?i:")]
    [DataRow("""{"Regex": "(?i:é)"}""", "a character beyond U+007F within (?i:")]
    [DataRow("""{"Regex": "(?i:[a-c])"}""", "a set within (?i:")]
    [DataRow("""{"Regex": "(?i:[^a])"}""", "[^ within (?i:")]
    [DataRow("""{"Regex": "(?i:\\x41)"}""", "\\x within (?i:")]
    [DataRow("""{"Regex": "\\xe9"}""", "\\xe9")]
    [DataRow("""{"Regex": "\\x{1F600}"}""", "\\x{1F600}")]
    [DataRow("""{"Regex": "\\x{d800}"}""", "\\x{d800}")]
    [DataRow("""{"Regex": "\\x{41 42}"}""", "\\x{ without")]
    [DataRow("""{"Regex": "\\x"}""", "\\x without")]
    [DataRow("""{"Regex": "[^\\H]"}""", "\\H")]
    [DataRow("""{"Regex": "\\p{Han}+"}""", "\\p{Han} is not supported; the categories that are: L, Lu, ")]
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

    // The words are those of tokenizers 0.23.
    [TestMethod]
    [DataRow("(?i:'s|'t|'re|'ve|'m|'ll|'d)", "it'Sa we'RE 'ſ'K", "it|'S|a we|'RE| |'ſ|'K")]
    [DataRow("'(?i:[sdmt]|ll|ve|re)a", "'Sa'lLa'VEa'SA'ſa", "'Sa|'lLa|'VEa|'SA|'ſa")]
    [DataRow("(?i:k+b)c", "kK\u212ABcKBCkbc", "kK\u212ABc|KBC|kbc")]
    [DataRow("(?i:a(?=b)| )b", "aBABab B b", "aBAB|ab| B| b")]
    [DataRow(@"\x20", "a b", "a| |b")]
    [DataRow(@"\x2c+", "a,,b", "a|,,|b")]
    [DataRow(@"[\x41-\x43\x2d]+", "zAB-Dz", "z|AB-|Dz")]
    [DataRow(@"[\x{4e00}-\x{9fff}]+", "a一二b", "a|一二|b")]
    [DataRow(@"\x{00000041}", "zAz", "z|A|z")]
    [DataRow(@"\h+", "zaFg9-", "z|aF|g|9|-")]
    [DataRow(@"\H+", "zaFg9-", "z|aF|g|9|-")]
    [DataRow(@"[^\h]+", "zaFgg9-", "z|aF|gg|9|-")]
    public void Regular_expressions_in_Onigurumas_own_forms_split_as_in_tokenizers(string pattern, string text, string words)
    {
        var json = JsonField.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("pattern");
            json.WriteString("Regex", pattern);
            json.WriteEndObject();
            json.WriteString("behavior", "Isolated");
            json.WriteBoolean("invert", false);
            json.WriteEndObject();
        });
        var split = JsonField.Read(json, "tokenizer.json", SplitPreTokenizer.Read);
        var read = new PreTokenizedText();
        read.Reset(text, 0);
        split.PreTokenize(read);
        Assert.AreEqual(words, string.Join('|', read.Words.ToArray().Select(word => text[word.Start..word.End])));
    }

    private static string Json(SplitPreTokenizer split) => System.Text.Encoding.UTF8.GetString(JsonField.Write(split.Write));
}
