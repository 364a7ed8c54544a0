using System.Text.Json;
using CsCheck;

namespace BertMl.Tokenization.Normalizers;

[TestClass]
public sealed class PrecompiledNormalizerTests
{
    [TestMethod]
    public void Text_and_offsets_are_as_tokenizers_has_them()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Tokenization", "Data", "charsmap.json")));
        var rules = document.RootElement.GetProperty("rules").EnumerateObject().Select(rule => KeyValuePair.Create(rule.Name, rule.Value.GetString()!));
        var normalizer = PrecompiledNormalizer.Create(CharsmapBuilder.Build(rules));
        foreach (var row in document.RootElement.GetProperty("rows").EnumerateArray())
        {
            var text = new PreTokenizedText();
            text.Reset(row[0].GetString(), 0);
            normalizer.Normalize(text);
            Assert.AreEqual(row[1].GetString(), text.Characters.ToString(), $"'{row[0]}'");
            var offsets = Enumerable
                .Range(0, text.Length)
                .Where(i => !char.IsLowSurrogate(text.Characters[i]))
                .Select(i => new[] { text.Starts[i], text.Ends[i] });
            Assert.AreEqual(row[2].GetRawText(), JsonSerializer.Serialize(offsets), $"'{row[0]}'");
        }
    }

    [TestMethod]
    public void Only_text_that_stays_as_it_is_is_said_to()
    {
        var normalizer = PrecompiledNormalizer.Create(CharsmapBuilder.Build([new("~", "-"), new("e\u0301", "\u00E9")]));
        Assert.IsTrue(normalizer.Keeps("Plain text, all of it."));
        Assert.IsFalse(normalizer.Keeps("a~b"));
        Assert.IsFalse(normalizer.Keeps("e\u0301"));
        Assert.IsFalse(normalizer.Keeps("a\tb"));
    }

    [TestMethod]
    public void A_charsmap_that_is_cut_anywhere_or_damaged_is_refused()
    {
        var whole = CharsmapBuilder.Build([new("a", "bc"), new("\u00BD", "1/2")]);
        for (var length = 0; length < whole.Length; length++)
        {
            var error = Assert.ThrowsExactly<FormatException>(() => PrecompiledNormalizer.Create(whole[..length]), $"{length} bytes");
            Assert.Contains("charsmap", error.Message);
        }
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte)
            .Array[1, 3]
            .Sample(
                changes =>
                {
                    var damaged = whole.ToArray();
                    foreach (var (at, value) in changes)
                        damaged[at] = value;
                    try
                    {
                        var text = new PreTokenizedText();
                        text.Reset("a\u00BDb", 0);
                        PrecompiledNormalizer.Create(damaged).Normalize(text);
                    }
                    catch (FormatException) { }
                },
                iter: 2_000
            );
    }

    [TestMethod]
    public void A_trie_that_points_outside_or_comes_back_to_itself_is_refused()
    {
        // The unit of 'a' leads, by the offset 0, to a node whose child 'a' it is again.
        var endless = new uint[512];
        endless[0] = 256 << 10;
        endless[256 + 'a'] = 'a' | ((uint)'a' << 10);
        var error = Assert.ThrowsExactly<FormatException>(() => PrecompiledNormalizer.Create(CharsmapBuilder.Join(endless, "b\0"u8)));
        Assert.Contains("comes back to itself", error.Message);
        var outside = new uint[512];
        outside[0] = 256 << 10;
        outside[256 + 'a'] = 'a' | (100_000u << 10);
        error = Assert.ThrowsExactly<FormatException>(() => PrecompiledNormalizer.Create(CharsmapBuilder.Join(outside, "b\0"u8)));
        Assert.Contains("points to unit", error.Message);
    }
}
