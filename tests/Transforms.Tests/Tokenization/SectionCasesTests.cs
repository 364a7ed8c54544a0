using BertMl.Files;
using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.PreTokenizers;

namespace BertMl.Tokenization;

/// <summary>Pre-tokenizers and decoders against the answers of tokenizers 0.23 (Data/sections.json).</summary>
[TestClass]
public sealed class SectionCasesTests
{
    [TestMethod]
    public void Every_pre_tokenizer_splits_as_in_tokenizers() =>
        Check(
            "pre_tokenizers",
            "pre_tokenizer",
            PreTokenizerReader.Read,
            (preTokenizer, input, expected) =>
            {
                var text = new PreTokenizedText();
                text.Reset(input.String(), 0);
                preTokenizer.PreTokenize(text);
                var words = expected.Items().Select(pair => string.Join('-', pair.Items().Select(position => position.Int32())));
                Assert.AreEqual(string.Join(' ', words), string.Join(' ', text.Words.ToArray().Select(word => $"{word.Start}-{word.End}")), input.String());
            },
            preTokenizer => JsonField.Write(preTokenizer.Write)
        );

    [TestMethod]
    public void Every_decoder_gives_the_text_that_tokenizers_gives() =>
        Check(
            "decoders",
            "decoder",
            DecoderReader.Read,
            (decoder, input, expected) => Assert.AreEqual(expected.String(), string.Concat(decoder.Decode([.. input.Items().Select(token => token.String())]))),
            decoder => JsonField.Write(decoder.Write)
        );

    [TestMethod]
    public void A_type_that_is_not_supported_is_named_with_those_that_are()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            JsonField.Read("""{"type": "UnicodeScripts"}"""u8.ToArray(), "tokenizer.json", PreTokenizerReader.Read)
        );
        Assert.Contains("tokenizer.json: type is \"UnicodeScripts\"; expected a pre-tokenizer that is supported: ", error.Message);
        Assert.Contains("Metaspace", error.Message);
    }

    /// <summary>Checks the rows of every section, as it was read, and as it is when written and read again.</summary>
    private static void Check<T>(string list, string name, Func<JsonField, T> read, Action<T, JsonField, JsonField> check, Func<T, byte[]> write) =>
        JsonField.Read(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Tokenization", "Data", "sections.json")),
            "sections.json",
            root =>
            {
                foreach (var test in root.Required(list).Items())
                {
                    var section = read(test.Required(name));
                    var again = JsonField.Read(write(section), name, read);
                    CollectionAssert.AreEqual(write(section), write(again));
                    foreach (var row in test.Required("rows").Items())
                    {
                        JsonField[] parts = [.. row.Items()];
                        check(again, parts[0], parts[1]);
                    }
                }
                return 0;
            }
        );
}
