using System.Text.Json;

namespace BertMl.Tokenization;

/// <summary>Cases as golden/tokenizer/*.jsonl has them, one JSON object a line.</summary>
internal static class TokenizerCases
{
    /// <summary>Checks every case by every method that can give its result.</summary>
    public static void Check(PretrainedTokenizer tokenizer, IEnumerable<string> lines)
    {
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            using var document = JsonDocument.Parse(line);
            try
            {
                Check(tokenizer, document.RootElement);
            }
            catch (AssertFailedException exception)
            {
                Assert.Fail($"Line {number}: {exception.Message}\n{line}");
            }
        }
        Assert.IsGreaterThan(0, number);
    }

    private static void Check(PretrainedTokenizer tokenizer, JsonElement test)
    {
        var text = test.GetProperty("text").GetString()!;
        var pair = test.TryGetProperty("pair", out var second) ? second.GetString() : null;
        int? max = test.TryGetProperty("max", out var length) ? length.GetInt32() : null;
        var options = new EncodingOptions
        {
            MaximumLength = max,
            Stride = test.TryGetProperty("stride", out var stride) ? stride.GetInt32() : 0,
            Truncation = !test.TryGetProperty("strategy", out var strategy)
                ? TruncationStrategy.LongestFirst
                : strategy.GetString() switch
                {
                    "longest_first" => TruncationStrategy.LongestFirst,
                    "only_first" => TruncationStrategy.OnlyFirst,
                    "only_second" => TruncationStrategy.OnlySecond,
                    var other => throw new InvalidDataException(other),
                },
        };
        if (test.TryGetProperty("error", out _))
        {
            var error = Assert.ThrowsExactly<ArgumentException>(() => tokenizer.Encode(text, pair, options));
            Assert.Contains("may be truncated", error.Message);
            return;
        }
        var encoding = tokenizer.Encode(text, pair, options);
        AreEqual(test, encoding);
        if (test.TryGetProperty("overflow", out var overflow))
        {
            Assert.HasCount(overflow.GetArrayLength(), encoding.Overflow, "overflow");
            foreach (var (window, expected) in encoding.Overflow.Zip(overflow.EnumerateArray()))
                AreEqual(expected, window);
        }
        if (test.TryGetProperty("decoded", out var decoded))
        {
            Assert.AreEqual(decoded.GetString(), tokenizer.Decode(encoding.Ids, skipSpecialTokens: false, cleanUpTokenizationSpaces: true));
            Assert.AreEqual(
                test.GetProperty("decoded_text").GetString(),
                tokenizer.Decode(encoding.Ids, skipSpecialTokens: true, cleanUpTokenizationSpaces: false)
            );
        }
        if (options.Truncation != TruncationStrategy.LongestFirst)
            return;
        var ids = new int[max ?? encoding.Ids.Length];
        var count = tokenizer.Encode(text, pair, pair is not null, ids);
        CollectionAssert.AreEqual(encoding.Ids, ids[..count.Count]);
        Assert.AreEqual(encoding.TypeIds.Count(type => type == 0), count.FirstCount);
        Assert.AreEqual(encoding.Ids.Length < tokenizer.Encode(text, pair).Ids.Length, count.Truncated);
    }

    private static void AreEqual(JsonElement expected, TokenEncoding encoding)
    {
        CollectionAssert.AreEqual(Integers(expected.GetProperty("ids")), encoding.Ids, "ids");
        if (expected.TryGetProperty("type_ids", out var types))
            CollectionAssert.AreEqual(Integers(types), encoding.TypeIds, "type_ids");
        CollectionAssert.AreEqual(Integers(expected.GetProperty("special")), encoding.SpecialTokensMask, "special");
        CollectionAssert.AreEqual(
            expected.GetProperty("offsets").EnumerateArray().Select(pair => new Range(pair[0].GetInt32(), pair[1].GetInt32())).ToArray(),
            encoding.Offsets,
            "offsets"
        );
        if (expected.TryGetProperty("words", out var words))
            CollectionAssert.AreEqual(
                words.EnumerateArray().Select(word => word.ValueKind == JsonValueKind.Null ? (int?)null : word.GetInt32()).ToArray(),
                encoding.WordIds,
                "words"
            );
    }

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];
}
