using System.Text.Json;
using BertMl.Files;

namespace BertMl.Tokenization.Normalizers;

/// <summary>Normalizers against the answers of tokenizers 0.23 (Data/normalizers.json): the text, and where each of its characters comes from.</summary>
[TestClass]
public sealed class NormalizerCasesTests
{
    [TestMethod]
    public void Every_normalizer_gives_the_text_and_the_offsets_that_tokenizers_gives()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TokenizerTests.DataFolder, "normalizers.json")));
        foreach (var test in cases.RootElement.EnumerateArray())
        {
            var section = test.GetProperty("section").GetRawText();
            var normalizer = Read(section);
            var again = Read(System.Text.Encoding.UTF8.GetString(JsonField.Write(normalizer.Write)));
            foreach (var row in test.GetProperty("rows").EnumerateArray())
            {
                Check(normalizer, row, section);
                Check(again, row, section);
            }
        }
    }

    [TestMethod]
    public void What_a_normalizer_keeps_it_does_not_change()
    {
        const int seed = 5;
        var random = new Random(seed);
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TokenizerTests.DataFolder, "normalizers.json")));
        foreach (var section in cases.RootElement.EnumerateArray().Select(test => test.GetProperty("section").GetRawText()))
        {
            var normalizer = Read(section);
            for (var round = 0; round < 200; round++)
            {
                var text = new PreTokenizedText();
                var original = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => (char)random.Next(round % 2 == 0 ? 0x80 : 0x500)));
                text.Reset(original, 0);
                if (!normalizer.Keeps(original))
                    continue;
                normalizer.Normalize(text);
                Assert.AreEqual(original, text.Characters.ToString(), $"Seed {seed}: {section}");
            }
        }
    }

    private static INormalizer Read(string section) =>
        JsonField.Read(
            System.Text.Encoding.UTF8.GetBytes($$"""{"normalizer": {{section}}}"""),
            "normalizers.json",
            root => NormalizerReader.Read(root.Required("normalizer"))
        );

    private static void Check(INormalizer normalizer, JsonElement row, string section)
    {
        var (original, expected) = (row[0].GetString()!, row[1].GetString()!);
        var text = new PreTokenizedText();
        text.Reset(original, 0);
        normalizer.Normalize(text);
        Assert.AreEqual(expected, text.Characters.ToString(), $"{section} of '{original}'");
        if (row[2].ValueKind == JsonValueKind.Null)
            return;
        var offsets = new List<string>();
        for (var i = 0; i < text.Length; i += char.IsHighSurrogate(text.Characters[i]) ? 2 : 1)
            offsets.Add($"{text.Starts[i]}-{text.Ends[i]}");
        Assert.AreEqual(
            string.Join(' ', row[2].EnumerateArray().Select(pair => $"{pair[0].GetInt32()}-{pair[1].GetInt32()}")),
            string.Join(' ', offsets),
            $"Offsets of {section} of '{original}'"
        );
    }
}
