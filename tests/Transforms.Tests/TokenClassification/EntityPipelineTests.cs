using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.TokenClassification;
using BertMl.Tokenization;

namespace BertMl.Tests.TokenClassification;

[TestClass]
public sealed class EntityPipelineTests
{
    private static readonly string[] _tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];

    [TestMethod]
    [DataRow("bert-tokcls")]
    public void Entities_equal_Hugging_Face_in_all_aggregations_and_in_long_texts(string folder)
    {
        using var model = PretrainedModel.Load(Golden.Path("golden", "models", folder), Head.TokenClassification);
        using var session = OnnxSession.Create(model);
        var cases = JsonElement
            .Parse(File.ReadAllBytes(Golden.Path("golden", "pipelines", "token_classification.json")))
            .EnumerateArray()
            .Where(golden => golden.GetProperty("model").GetString() == folder)
            .ToArray();
        Assert.HasCount(34, cases);
        foreach (var golden in cases)
        {
            var options = new EncodingOptions
            {
                MaximumLength = golden.TryGetProperty("max_length", out var length) ? length.GetInt32() : null,
                Stride = golden.TryGetProperty("stride", out var stride) ? stride.GetInt32() : 0,
            };
            var text = golden.GetProperty("text").GetString()!;
            var windows = model
                .Tokenizer!.Encode(text, options: options)
                .Windows()
                .Select(window => TokenWindow.FromLogits(session.Run(window, "logits"), window.Offsets.AsSpan(), window.WordIds.AsSpan()))
                .ToArray();
            var strategy = Enum.Parse<AggregationStrategy>(golden.GetProperty("strategy").GetString()!, ignoreCase: true);
            var entities = EntityPipeline.Find(windows, model.Config.Labels, strategy);
            var expected = golden.GetProperty("result").EnumerateArray().ToArray();
            Assert.HasCount(expected.Length, entities, $"{strategy}: {text}");
            foreach (var (entity, other) in entities.Zip(expected))
            {
                Assert.AreEqual(other.GetProperty(strategy == AggregationStrategy.None ? "entity" : "entity_group").GetString(), entity.Label, text);
                Assert.AreEqual(other.GetProperty("start").GetInt32(), entity.Start, text);
                Assert.AreEqual(other.GetProperty("end").GetInt32(), entity.End, text);
                Assert.AreEqual(other.GetProperty("score").GetDouble(), entity.Score, 1e-5, text);
            }
        }
    }

    [TestMethod]
    [DataRow(AggregationStrategy.None, "B-PER 0-3 I-PER 3-6 B-LOC 7-9 I-LOC 9-11")]
    [DataRow(AggregationStrategy.Simple, "PER 0-6 LOC 7-11")]
    [DataRow(AggregationStrategy.First, "PER 0-6 LOC 7-11")]
    public void Neighbours_of_a_type_are_one_entity(AggregationStrategy strategy, string expected)
    {
        var window = Window((1, 0, 3, 0), (2, 3, 6, 1), (3, 7, 9, 2), (4, 9, 11, 3), (0, 12, 14, 4));
        Assert.AreEqual(expected, Describe(EntityPipeline.Find([window], _tags, strategy)));
    }

    [TestMethod]
    public void A_word_has_the_tag_of_its_first_its_average_or_its_surest_token()
    {
        // "ab" is a word of two tokens: O with 0.6, and B-LOC with 0.9; on average B-LOC.
        float[] logits = [Log(0.6f), Log(0.1f), Log(0.1f), Log(0.1f), Log(0.1f), Log(0.025f), Log(0.025f), Log(0.025f), Log(0.9f), Log(0.025f)];
        var window = TokenWindow.FromLogits(logits, [0..1, 1..2], [0, 0]);
        Assert.IsEmpty(EntityPipeline.Find([window], _tags, AggregationStrategy.First));
        Assert.AreEqual(0.5, EntityPipeline.Find([window], _tags, AggregationStrategy.Average).Single().Score, 1e-6);
        Assert.AreEqual(0.9, EntityPipeline.Find([window], _tags, AggregationStrategy.Max).Single().Score, 1e-6);
        Assert.AreEqual("LOC 1-2", Describe(EntityPipeline.Find([window], _tags, AggregationStrategy.Simple)));
    }

    [TestMethod]
    public void Words_have_one_tag_each()
    {
        var window = Window((1, 0, 3, 0), (2, 3, 6, 0), (0, 7, 9, 1), (4, 9, 11, 3));
        var words = EntityPipeline.FindWordTags(window, _tags);
        Assert.AreEqual("0 B-PER 0-6, 1 O 7-9, 3 I-LOC 9-11", string.Join(", ", words.Select(word => $"{word.Word} {word.Tag} {word.Start}-{word.End}")));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => EntityPipeline.FindWordTags(window, _tags, AggregationStrategy.Simple));
    }

    [TestMethod]
    public void Windows_that_are_joined_leave_no_seam()
    {
        // An entity of four tokens over two windows, each of which shows three of them.
        var first = Window((0, 0, 1, 0), (1, 1, 2, 1), (2, 2, 3, 2), (2, 3, 4, 3));
        var second = Window((2, 2, 3, 2), (2, 3, 4, 3), (2, 4, 5, 4), (0, 5, 6, 5));
        Assert.AreEqual("PER 1-4", Describe(EntityPipeline.Find([first, second], _tags)));
        var joined = TokenWindow.Join([first, second]);
        Assert.AreEqual(6, joined.Count);
        Assert.AreEqual("PER 1-5", Describe(EntityPipeline.Find([joined], _tags)));
    }

    [TestMethod]
    public void A_joined_token_is_of_the_window_that_shows_the_most_around_it()
    {
        // Tokens 2 and 3 are in both windows: 2 is inner in the first, 3 in the second.
        var first = Window((0, 0, 1, 0), (0, 1, 2, 1), (1, 2, 3, 2), (1, 3, 4, 3));
        var second = Window((3, 2, 3, 2), (3, 3, 4, 3), (0, 4, 5, 4), (0, 5, 6, 5));
        Assert.AreEqual("B-PER 2-3 B-LOC 3-4", Describe(EntityPipeline.Find([TokenWindow.Join([first, second])], _tags, AggregationStrategy.None)));
        Assert.AreEqual(8, TokenWindow.Join([first, Window((0, 6, 7, 6), (0, 7, 8, 7), (0, 8, 9, 8), (0, 9, 10, 9))]).Count);
    }

    [TestMethod]
    public void Without_marks_of_pieces_words_begin_after_spaces()
    {
        const string text = "Don't go";
        var words = TokenWindow.WordsBySpaces(text, [0..0, 0..3, 3..5, 6..8, 0..0], [null, 0, 1, 2, null]);
        Assert.IsNull(words[0]);
        Assert.AreEqual(words[1], words[2]);
        Assert.AreNotEqual(words[2], words[3]);
        Assert.IsNull(words[4]);
    }

    [TestMethod]
    public void Windows_whose_words_begin_after_spaces_are_joined_without_seams()
    {
        const string text = "aaaa bbbb cccc";
        (int Start, int End)[] tokens = [(0, 2), (2, 4), (4, 7), (7, 9), (9, 12), (12, 14)];
        TokenWindow Part(Range range) =>
            Window([
                .. TokenWindow
                    .WordsBySpaces(text, [.. tokens[range].Select(token => token.Start..token.End)], [.. tokens[range].Select(_ => (int?)0)])
                    .Zip(tokens[range], (word, token) => (1, token.Start, token.End, word!.Value)),
            ]);
        // The second window begins within a word.
        var joined = TokenWindow.Join([Part(0..5), Part(3..6)]);
        CollectionAssert.AreEqual(tokens, Enumerable.Range(0, joined.Count).Select(i => (joined.Token(i).Start, joined.Token(i).End)).ToArray());
        var words = Enumerable.Range(0, joined.Count).Select(i => joined.Token(i).Word).ToArray();
        CollectionAssert.AreEqual(new[] { words[0], words[0], words[2], words[2], words[4], words[4] }, words);
        Assert.AreEqual(3, words.Distinct().Count());
        CollectionAssert.AreEqual(words, Enumerable.Range(0, 6).Select(i => TokenWindow.Join([Part(0..3), Part(3..6)]).Token(i).Word).ToArray());
    }

    [TestMethod]
    public void Single_and_end_are_of_a_scheme_where_the_type_has_a_beginning()
    {
        string[] tags = ["O", "B-PER", "I-PER", "E-PER", "S-PER", "S-LOC"];
        TokenWindow Tagged(params int[] chosen) =>
            TokenWindow.FromLogits(
                [.. chosen.SelectMany(tag => Enumerable.Range(0, tags.Length).Select(i => i == tag ? 9f : 0f))],
                [.. chosen.Select((_, i) => i..(i + 1))],
                [.. chosen.Select((_, i) => (int?)i)]
            );
        string Found(params int[] chosen) => Describe(EntityPipeline.Find([Tagged(chosen)], tags));
        Assert.AreEqual("PER 0-3 PER 3-4 PER 4-6", Found(1, 2, 3, 4, 1, 3));
        Assert.AreEqual("PER 0-2 PER 2-3", Found(1, 3, 3));
        Assert.AreEqual("S-LOC 0-1", Found(5));
    }

    [TestMethod]
    public void What_does_not_fit_is_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => TokenWindow.FromLogits([1, 2, 3], [0..1, 1..2], [0, 1]));
        Assert.ThrowsExactly<ArgumentException>(() => TokenWindow.FromLogits([1, 2], [0..1, 1..2], [0]));
        Assert.ThrowsExactly<ArgumentException>(() => TokenWindow.Join([]));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => EntityPipeline.Find([Window((0, 0, 1, 0))], ["O"])).Message,
            "A window has 5 tags; there are 1 names"
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => EntityPipeline.Find([], _tags, (AggregationStrategy)9));
    }

    private static float Log(float probability) => MathF.Log(probability);

    // Tokens that are sure of their tag.
    private static TokenWindow Window(params (int Tag, int Start, int End, int Word)[] tokens) =>
        TokenWindow.FromLogits(
            [.. tokens.SelectMany(token => Enumerable.Range(0, _tags.Length).Select(tag => tag == token.Tag ? 5f : 0f))],
            [.. tokens.Select(token => token.Start..token.End)],
            [.. tokens.Select(token => (int?)token.Word)]
        );

    private static string Describe(IEnumerable<Entity> entities) => string.Join(' ', entities.Select(entity => $"{entity.Label} {entity.Start}-{entity.End}"));
}
