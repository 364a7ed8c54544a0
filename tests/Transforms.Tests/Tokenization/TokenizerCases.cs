using System.Text.Json;

namespace BertMl.Tokenization;

/// <summary>Cases as golden/tokenizer/*.jsonl has them, one JSON object a line.</summary>
internal static class TokenizerCases
{
    /// <summary>Checks every case by every method that can give its result.</summary>
    public static void Check(WordPieceTokenizer tokenizer, IEnumerable<string> lines)
    {
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            using var document = JsonDocument.Parse(line);
            var test = document.RootElement;
            var text = test.GetProperty("text").GetString()!;
            var pair = test.TryGetProperty("pair", out var second) ? second.GetString() : null;
            int? max = test.TryGetProperty("max", out var length) ? length.GetInt32() : null;
            var strategy = test.TryGetProperty("strategy", out var name) ? name.GetString() : "longest_first";
            if (test.TryGetProperty("error", out _) || strategy != "longest_first")
                continue;
            var expected = test.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            var ids = new int[max ?? expected.Length];
            var count = tokenizer.Encode(text, pair, pair is not null, ids);
            CollectionAssert.AreEqual(expected, ids[..count.Count], $"Line {number}: {line}");
            Assert.AreEqual(test.GetProperty("type_ids").EnumerateArray().Count(type => type.GetInt32() == 0), count.FirstCount, $"Line {number}: {line}");
        }
        Assert.IsGreaterThan(0, number);
    }
}
