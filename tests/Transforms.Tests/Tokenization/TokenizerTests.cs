using System.Buffers;
using System.Security.Cryptography;
using BertMl.Batches;
using Microsoft.ML.Tokenizers;

namespace BertMl.Tokenization;

/// <summary>Against committed figures of Hugging Face's tokenizers 0.23.3, on a vocabulary of 512 tokens.</summary>
[TestClass]
public sealed class TokenizerTests
{
    public static string DataFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Tokenization", "Data");

    private static PretrainedTokenizer Tokenizer { get; } = PretrainedTokenizer.Load(DataFolder);

    [TestMethod]
    public void Hard_texts_pairs_truncation_windows_and_decoding_are_as_Hugging_Face_has_them() =>
        TokenizerCases.Check(Tokenizer, File.ReadLines(Path.Combine(DataFolder, "cases.jsonl")));

    /// <summary>SHA-256 of the ids of a, c, b, space, c, 1 for each code point c of Unicode, surrogates apart: Hugging Face's are the same.</summary>
    [TestMethod]
    [DataRow(true, null, true, "c73d0aed5b638cbaaa2e32e80b06b4135b774e106b86ccacea96b7ac887493aa")]
    [DataRow(true, false, true, "f13460257aec4ef2bb7baf79ff491215239a73fa3b23408d7f31e9707a72de58")]
    [DataRow(false, null, true, "981164416268d98164074a2ec8c9ef2ab1368b27495488ab25ce80449a3b4977")]
    [DataRow(false, true, true, "f1335b7cbbf063457dd2d4ff8b027b450973a89918fc714b6213f02eb2416ca0")]
    [DataRow(true, null, false, "d2636dfa31f448ce6341ebdb7d8da48c1e6f494601dd132601354caad36d705e")]
    public void Every_code_point_is_as_Hugging_Face_has_it(bool lowercase, bool? stripAccents, bool clean, string expected)
    {
        var tokenizer = WordPieceTokenizer.Create(
            Tokenizer.Vocabulary,
            new WordPieceOptions
            {
                Lowercase = lowercase,
                StripAccents = stripAccents,
                CleanText = clean,
                HandleChineseCharacters = clean,
            }
        );
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var ids = new int[32];
        for (var codePoint = 0; codePoint < 0x110000; codePoint++)
        {
            if (codePoint is >= 0xD800 and < 0xE000)
                continue;
            var c = char.ConvertFromUtf32(codePoint);
            var count = tokenizer.Encode($"a{c}b {c}1", default, hasPair: false, ids).Count;
            hash.AppendData(System.Text.Encoding.ASCII.GetBytes($"{codePoint:X} {string.Join(' ', ids[1..(count - 1)])}\n"));
        }
        Assert.AreEqual(expected, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [TestMethod]
    public void Lone_surrogates_vanish_and_texts_of_100_000_characters_are_no_trouble()
    {
        CollectionAssert.AreEqual(Tokenizer.Encode("ab").Ids, Tokenizer.Encode("a\uD800b\uDC00").Ids);
        Assert.AreEqual(0..3, Tokenizer.Encode("a\uD800b").Offsets[1].Start..Tokenizer.Encode("a\uD800b").Offsets[^2].End);
        Assert.HasCount(3, Tokenizer.Encode(new string('x', 100_000)).Ids);
        Assert.HasCount(100_002, Tokenizer.Encode(string.Concat(Enumerable.Repeat("a ", 100_000))).Ids);
        Assert.HasCount(2, Tokenizer.Encode(new string('\u0301', 100_000)).Ids);
        var ids = new int[128];
        Assert.AreEqual(new TokenCount(128, 128, Truncated: true), Tokenizer.Encode(new string('.', 100_000), default, hasPair: false, ids));
        Assert.AreEqual(new TokenCount(2, 2, Truncated: false), Tokenizer.Encode(default, default, hasPair: false, ids));
    }

    [TestMethod]
    public void Truncation_of_a_pair_goes_by_the_true_lengths()
    {
        var ids = new int[10];
        Assert.AreEqual(new TokenCount(10, 6, Truncated: true), Tokenizer.Encode(new string('.', 500), new string(',', 40), hasPair: true, ids));
        Assert.AreEqual(new TokenCount(10, 5, Truncated: true), Tokenizer.Encode(new string('.', 40), new string(',', 500), hasPair: true, ids));
    }

    [TestMethod]
    public void Encoding_into_a_span_allocates_nothing()
    {
        string[] texts = ["A quick, uncharacteristically brown fox; it's 13!", "Café 東京 한국어 [MASK] 😀", "", "over and over"];
        var ids = new int[64];
        void Encode()
        {
            foreach (var text in texts)
            {
                Tokenizer.Encode(text, default, hasPair: false, ids);
                Tokenizer.Encode(text, texts[0], hasPair: true, ids.AsSpan(0, 20));
            }
        }
        Encode();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Encode();
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Batches_are_in_order_and_equal_to_single_texts()
    {
        var random = new Random(11);
        ReadOnlyMemory<char>[] texts = [.. Enumerable.Range(0, 20_000).Select(_ => Sentence(random).AsMemory())];
        ReadOnlyMemory<char>[] pairs = [.. texts.Reverse()];
        foreach (var second in (ReadOnlyMemory<char>[]?[])[null, pairs])
        {
            var batch = new TokenizedTexts();
            Tokenizer.EncodeBatch(texts, second, 24, batch);
            Assert.AreEqual(texts.Length, batch.Count);
            var ids = new int[24];
            var truncated = 0;
            for (var i = 0; i < texts.Length; i++)
            {
                var count = Tokenizer.Encode(texts[i].Span, second is null ? default : second[i].Span, second is not null, ids);
                Assert.IsTrue(batch.Ids(i).SequenceEqual(ids.AsSpan(0, count.Count)), $"Row {i}");
                Assert.AreEqual(count.FirstCount, batch.FirstCount(i));
                truncated += count.Truncated ? 1 : 0;
            }
            Assert.AreEqual(truncated, batch.TruncatedCount);
        }
        var whole = new TokenizedTexts();
        Tokenizer.EncodeBatch(["a".AsMemory(), default], null, int.MaxValue, whole);
        Assert.AreEqual(3, whole.Length(0));
        Assert.AreEqual(2, whole.Length(1));
    }

    [TestMethod]
    public void One_tokenizer_serves_many_threads()
    {
        var random = new Random(5);
        string[] texts = [.. Enumerable.Range(0, 500).Select(_ => Sentence(random))];
        int[][] expected = [.. texts.Select(text => Tokenizer.Encode(text).Ids.ToArray())];
        Parallel.For(
            0,
            8,
            _ =>
            {
                var ids = new int[512];
                for (var i = 0; i < texts.Length; i++)
                    CollectionAssert.AreEqual(expected[i], ids[..Tokenizer.Encode(texts[i], default, hasPair: false, ids).Count]);
            }
        );
    }

    [TestMethod]
    public void Wrong_arguments_get_one_clear_error()
    {
        Assert.Contains("At least 3 tokens", Assert.ThrowsExactly<ArgumentException>(() => Tokenizer.Encode("a", "b", hasPair: true, new int[2])).Message);
        Assert.Contains(
            "no room for the 2 special tokens",
            Assert.ThrowsExactly<ArgumentException>(() => Tokenizer.Encode("a", options: new EncodingOptions { MaximumLength = 1 })).Message
        );
        Assert.Contains(
            "stride is -1",
            Assert.ThrowsExactly<ArgumentException>(() => Tokenizer.Encode("a", options: new EncodingOptions { Stride = -1 })).Message
        );
        Assert.Contains(
            "stride of 5",
            Assert
                .ThrowsExactly<ArgumentException>(() => Tokenizer.Encode("a.b.c.d.e.f", options: new EncodingOptions { Stride = 5, MaximumLength = 7 }))
                .Message
        );
        Assert.ThrowsExactly<ArgumentNullException>(() => Tokenizer.Encode((string)null!));
        Assert.Contains(
            "1 texts and 2",
            Assert.ThrowsExactly<ArgumentException>(() => Tokenizer.EncodeBatch(["a".AsMemory()], [default, default], 8, new TokenizedTexts())).Message
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Tokenizer.EncodeBatch(["a".AsMemory()], null, 1, new TokenizedTexts()));
        Assert.Contains("ids 0 to 511", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Tokenizer.Decode([512])).Message);
    }

    [TestMethod]
    public void It_is_a_tokenizer_of_Microsoft_ML()
    {
        Microsoft.ML.Tokenizers.Tokenizer tokenizer = Tokenizer;
        const string text = "The film, Café";
        var encoding = Tokenizer.Encode(text);
        CollectionAssert.AreEqual(encoding.Ids, tokenizer.EncodeToIds(text).ToArray());
        var tokens = tokenizer.EncodeToTokens(text, out var normalized);
        Assert.IsNull(normalized);
        CollectionAssert.AreEqual(encoding.Ids[1..^1], tokens.Select(token => token.Id).ToArray());
        CollectionAssert.AreEqual(encoding.Offsets[1..^1], tokens.Select(token => token.Offset).ToArray());
        CollectionAssert.AreEqual(encoding.Tokens.ToArray()[1..^1], tokens.Select(token => token.Value).ToArray());
        Assert.AreEqual(tokens.Count, tokenizer.CountTokens(text));
        var cut = tokenizer.EncodeToIds(text, 4, out _, out var consumed);
        int[] start = [.. encoding.Ids[..3], Tokenizer.SepTokenId!.Value];
        CollectionAssert.AreEqual(start, cut.ToArray());
        Assert.AreEqual(tokens[1].Offset.End.Value, consumed);
        Assert.AreEqual(tokens[1].Offset.End.Value, tokenizer.GetIndexByTokenCount(text, 2, out _, out var count));
        Assert.AreEqual(2, count);
        Assert.AreEqual(tokens[^2].Offset.Start.Value, tokenizer.GetIndexByTokenCountFromEnd(text, 2, out _, out _));
        Assert.AreEqual(text.Length, tokenizer.GetIndexByTokenCount(text, 99, out _, out _));
        var destination = new char[64];
        Assert.AreEqual(OperationStatus.Done, tokenizer.Decode(encoding.Ids, destination, out var used, out var written));
        Assert.AreEqual(tokenizer.Decode(encoding.Ids), new string(destination, 0, written));
        Assert.AreEqual(encoding.Ids.Length, used);
        Assert.AreEqual(OperationStatus.DestinationTooSmall, tokenizer.Decode(encoding.Ids, destination.AsSpan(0, 8), out used, out written));
        Assert.AreEqual(tokenizer.Decode(encoding.Ids.Take(used)), new string(destination, 0, written));
        Assert.AreEqual(OperationStatus.InvalidData, tokenizer.Decode([-1], destination, out _, out _));
    }

    private static string Sentence(Random random) =>
        string.Join(' ', Enumerable.Range(0, random.Next(0, 20)).Select(_ => Tokenizer.Vocabulary[random.Next(5, 512)] + (random.Next(4) == 0 ? "é" : "")));
}
