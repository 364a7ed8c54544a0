using System.Text.Json;
using BertMl.Batches;

namespace BertMl.Tokenization;

/// <summary>
/// Whole tokenizers against the answers of tokenizers 0.23 (Data/pipelines.json, Data/post_processors.json): post-processors, also several one after the other
/// and those that put the second text first, pairs, words given as such, windows from either end, and added tokens with all flags.
/// Data/spaces.json: white space around tokens, and patterns that match nothing.
/// </summary>
[TestClass]
public sealed class PipelineCasesTests
{
    [TestMethod]
    [DataRow("pipelines.json")]
    [DataRow("post_processors.json")]
    [DataRow("spaces.json")]
    public void Everything_that_is_known_of_a_token_is_as_in_tokenizers(string file)
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TokenizerTests.DataFolder, file)));
        foreach (var test in cases.RootElement.EnumerateArray())
        {
            using var folder = new TemporaryFolder();
            File.WriteAllText(folder["tokenizer.json"], test.GetProperty("tokenizer").GetRawText());
            var right = PretrainedTokenizer.Load(folder.Path);
            File.WriteAllText(folder["tokenizer_config.json"], """{"truncation_side": "left"}""");
            var left = PretrainedTokenizer.Load(folder.Path);
            foreach (var row in test.GetProperty("rows").EnumerateArray())
            {
                var tokenizer = row.GetProperty("left").GetBoolean() ? left : right;
                var (expected, encoding) = (row.GetProperty("out"), Encode(tokenizer, row));
                Check(expected, encoding, row.GetRawText());
                // The windows of windows that tokenizers lists for pairs are among the windows of the whole.
                var overflow = expected.GetProperty("overflow").EnumerateArray().ToArray();
                Assert.HasCount(overflow.Length, encoding.Overflow, row.GetRawText());
                foreach (var (window, answer) in encoding.Overflow.Zip(overflow))
                    Check(answer, window, row.GetRawText());
                CheckIds(tokenizer, row);
            }
        }
    }

    [TestMethod]
    public void Batches_keep_the_details_that_are_asked_for_and_the_text_of_each_window()
    {
        var tokenizer = WordPieceTokenizer.Create(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##b"]);
        ReadOnlyMemory<char>[] texts = ["a".AsMemory(), "a ab b ab a".AsMemory(), default];
        ReadOnlyMemory<char>[] pairs = ["b".AsMemory(), "ab".AsMemory(), "a".AsMemory()];
        var options = new EncodingOptions
        {
            MaximumLength = 8,
            Stride = 1,
            Truncation = TruncationStrategy.OnlyFirst,
        };
        foreach (var windows in (bool[])[true, false])
        {
            var batch = new TokenizedTexts(TokenDetails.All);
            tokenizer.EncodeBatch(texts, pairs, options, windows, batch);
            var row = 0;
            for (var text = 0; text < texts.Length; text++)
            {
                var encoding = tokenizer.Encode(texts[text].ToString(), pairs[text].ToString(), options);
                foreach (var window in windows ? [encoding, .. encoding.Overflow] : (TokenEncoding[])[encoding])
                {
                    Assert.AreEqual(text, batch.TextIndex(row));
                    CollectionAssert.AreEqual(window.Ids, batch.Ids(row).ToArray());
                    CollectionAssert.AreEqual(window.Offsets, batch.Offsets(row).ToArray());
                    CollectionAssert.AreEqual(window.WordIds.Select(word => word ?? -1).ToArray(), batch.WordIds(row).ToArray());
                    CollectionAssert.AreEqual(window.SequenceIds.Select(sequence => (sbyte)(sequence ?? -1)).ToArray(), batch.SequenceIds(row).ToArray());
                    row++;
                }
            }
            Assert.AreEqual(row, batch.Count);
            Assert.AreEqual(windows ? 0 : 1, batch.TruncatedCount);
        }
        var ids = new TokenizedTexts();
        tokenizer.EncodeBatch(texts, pairs, 8, ids);
        Assert.Contains("Offsets were not asked for", Assert.ThrowsExactly<InvalidOperationException>(() => ids.Offsets(0)).Message);
    }

    private static TokenEncoding Encode(PretrainedTokenizer tokenizer, JsonElement row)
    {
        var options = new EncodingOptions
        {
            MaximumLength = row.GetProperty("max").ValueKind == JsonValueKind.Null ? null : row.GetProperty("max").GetInt32(),
            Stride = row.GetProperty("stride").GetInt32(),
            Truncation = row.GetProperty("strategy").GetString() == "only_first" ? TruncationStrategy.OnlyFirst : TruncationStrategy.LongestFirst,
            AddSpecialTokens = row.GetProperty("special").GetBoolean(),
        };
        var (text, pair) = (row.GetProperty("text"), row.GetProperty("pair"));
        return row.GetProperty("words").GetBoolean()
            ? tokenizer.EncodeWords(Words(text)!, Words(pair), options)
            : tokenizer.Encode(text.GetString()!, pair.GetString(), options);
    }

    private static string[]? Words(JsonElement words) =>
        words.ValueKind == JsonValueKind.Null ? null : [.. words.EnumerateArray().Select(word => word.GetString()!)];

    private static void Check(JsonElement expected, TokenEncoding encoding, string row)
    {
        AreEqual("ids", encoding.Ids.Select(id => $"{id}"));
        AreEqual("types", encoding.TypeIds.Select(type => $"{type}"));
        AreEqual("special", encoding.SpecialTokensMask.Select(special => $"{special}"));
        AreEqual("words", encoding.WordIds.Select(word => word is null ? "null" : $"{word}"));
        AreEqual("sequences", encoding.SequenceIds.Select(sequence => sequence is null ? "null" : $"{sequence}"));
        AreEqual("offsets", encoding.Offsets.Select(range => $"[{range.Start},{range.End}]"));
        void AreEqual(string name, IEnumerable<string> found)
        {
            // A template of tokenizers does not set the types and sequences of further windows; here they are as in the first.
            if (expected.TryGetProperty(name, out var values))
                Assert.AreEqual(values.GetRawText(), $"[{string.Join(',', found)}]", $"{name} of {row}");
            else
                Assert.IsTrue(name is "types" or "sequences", name);
        }
    }

    /// <summary>The fast way gives the same ids.</summary>
    private static void CheckIds(PretrainedTokenizer tokenizer, JsonElement row)
    {
        if (row.GetProperty("words").GetBoolean() || !row.GetProperty("special").GetBoolean() || row.GetProperty("strategy").GetString() != "longest_first")
            return;
        var (text, pair) = (row.GetProperty("text").GetString()!, row.GetProperty("pair").GetString());
        var encoding = Encode(tokenizer, row);
        var ids = new int[row.GetProperty("max").ValueKind == JsonValueKind.Null ? encoding.Ids.Length : row.GetProperty("max").GetInt32()];
        var refused =
            encoding.Ids.Length > ids.Length ? "adds more special tokens than it counts"
            : encoding.TypeIds.SkipWhile(type => type == 0).Any(type => type != 1) ? "token types other than 0s and then 1s"
            : null;
        if (refused is not null)
        {
            var error = Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Encode(text, pair, pair is not null, ids));
            Assert.Contains(refused, error.Message);
            return;
        }
        var count = tokenizer.Encode(text, pair, pair is not null, ids);
        CollectionAssert.AreEqual(encoding.Ids, ids[..count.Count], row.GetRawText());
        Assert.AreEqual(encoding.TypeIds.Count(type => type == 0), count.FirstCount);
        Assert.AreEqual(encoding.Overflow.Length > 0, count.Truncated);
    }
}
