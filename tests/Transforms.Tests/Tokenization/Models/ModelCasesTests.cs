using System.Text.Json;
using BertMl.Files;
using BertMl.Tokenization.Decoders;
using BertMl.Tokenization.PreTokenizers;
using CsCheck;

namespace BertMl.Tokenization.Models;

/// <summary>Small models of our own making against the answers of tokenizers 0.23 (Data/models.json): section by section, and by the fused encoders.</summary>
[TestClass]
public sealed class ModelCasesTests
{
    public static IEnumerable<object[]> Names =>
        Cases(root => root.Required("models").Items().Select(model => new object[] { model.Required("name").String() }).ToArray());

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Every_case_is_as_tokenizers_has_it(string name) =>
        Cases(root =>
        {
            var test = root.Required("models").Items().Single(model => model.Required("name").String() == name);
            var model = ModelReader.Read(test.Required("model"));
            var preTokenizer = test.Optional("pre_tokenizer") is { } section ? PreTokenizerReader.Read(section) : null;
            var decoder = test.Optional("decoder") is { } last ? DecoderReader.Read(last) : null;
            var fused = model.Fuse(null, preTokenizer);
            foreach (var row in test.Required("cases").Items())
            {
                var text = row.Required("text").String();
                if (row.Optional("error") is not null)
                {
                    Assert.ThrowsExactly<InvalidOperationException>(() => Encode(model, preTokenizer, text), text);
                    continue;
                }
                var expected = (Ids: Integers(row.Required("ids")), Offsets: row.Required("offsets").Items().Select(pair => Integers(pair)).ToArray());
                AreEqual(expected, Encode(model, preTokenizer, text), $"sections: '{text}'");
                if (fused is not null)
                    AreEqual(expected, Encode(fused, text), $"fused: '{text}'");
                if (decoder is not null)
                    Assert.AreEqual(row.Required("decoded").String(), string.Concat(decoder.Decode([.. expected.Ids.Select(id => model.Vocabulary[id]!)])));
            }
            return 0;
        });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_model_is_written_as_it_was_read(string name) =>
        Cases(root =>
        {
            var test = root.Required("models").Items().Single(model => model.Required("name").String() == name);
            var model = ModelReader.Read(test.Required("model"));
            var preTokenizer = test.Optional("pre_tokenizer") is { } section ? PreTokenizerReader.Read(section) : null;
            var again = JsonField.Read(JsonField.Write(model.Write), name, ModelReader.Read);
            CollectionAssert.AreEqual(JsonField.Write(model.Write), JsonField.Write(again.Write));
            CollectionAssert.AreEqual(model.Vocabulary.Tokens.ToArray(), again.Vocabulary.Tokens.ToArray());
            foreach (var row in test.Required("cases").Items().Where(row => row.Optional("error") is null))
                AreEqual(Encode(model, preTokenizer, row.Required("text").String()), Encode(again, preTokenizer, row.Required("text").String()), name);
            return 0;
        });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Fused_encoders_give_what_the_sections_give(string name) =>
        Cases(root =>
        {
            var test = root.Required("models").Items().Single(model => model.Required("name").String() == name);
            var model = ModelReader.Read(test.Required("model"));
            var preTokenizer = test.Optional("pre_tokenizer") is { } section ? PreTokenizerReader.Read(section) : null;
            if (model.Fuse(null, preTokenizer) is not { } fused || model.UnkToken is null && model is UnigramModel)
                return 0;
            Gen.OneOf(Gen.Char["ab'stllre 12"], Gen.Char["\u2581\u00E9\u00A0\u3000\t\n\0\u0301\uD83D\uDE00\uDC00\uFFFD"])
                .Array[0, 30]
                .Sample(
                    characters => AreEqual(Encode(model, preTokenizer, new string(characters)), Encode(fused, new string(characters)), new string(characters)),
                    iter: 1_000
                );
            return 0;
        });

    private static T Cases<T>(Func<JsonField, T> read)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Tokenization", "Data", "models.json");
        return JsonField.Read(File.ReadAllBytes(file), "models.json", read);
    }

    private static (int[] Ids, int[][] Offsets) Encode(TokenizerModel model, IPreTokenizer? preTokenizer, string text)
    {
        var words = new PreTokenizedText();
        words.Reset(text, 0);
        preTokenizer?.PreTokenize(words);
        var (ids, offsets) = (new List<int>(), new List<int[]>());
        foreach (var word in words.Words)
        {
            var tokens = new ModelTokens();
            model.Tokenize(words.Characters[word.Start..word.End], tokens);
            foreach (var token in tokens.All)
            {
                ids.Add(token.Id);
                offsets.Add([words.Starts[word.Start + token.Start], words.Ends[word.Start + token.End - 1]]);
            }
        }
        return ([.. ids], [.. offsets]);
    }

    private static (int[] Ids, int[][] Offsets) Encode(TextEncoder encoder, string text)
    {
        var tokens = new TokenList();
        encoder.Encode(text, 0, ref tokens);
        return ([.. tokens.Ids], [.. tokens.Offsets.Select(range => new[] { range.Start.Value, range.End.Value })]);
    }

    private static void AreEqual((int[] Ids, int[][] Offsets) expected, (int[] Ids, int[][] Offsets) actual, string message)
    {
        CollectionAssert.AreEqual(expected.Ids, actual.Ids, message);
        Assert.AreEqual(JsonSerializer.Serialize(expected.Offsets), JsonSerializer.Serialize(actual.Offsets), message);
    }

    private static int[] Integers(JsonField array) => [.. array.Items().Select(item => item.Int32())];
}
