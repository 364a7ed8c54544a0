using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class BertTokenClassificationTransformerTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(AggregationStrategy.None, WordSplitting.Tokenizer)]
    [DataRow(AggregationStrategy.Simple, WordSplitting.Text)]
    [DataRow(AggregationStrategy.Average, WordSplitting.Text)]
    public void It_is_a_component_as_ML_NET_wants_them(AggregationStrategy aggregation, WordSplitting splitting)
    {
        using var folder = new TemporaryFolder();
        var options = new BertTokenClassificationOptions
        {
            Aggregation = aggregation,
            Words = splitting,
            MaximumLength = 12,
            IgnoredLabels = ["O", aggregation == AggregationStrategy.None ? "B-LOC" : "LOC"],
        };
        var estimator = _context.Transforms.Text.ApplyBertTokenClassification(SmallModels.Save(folder, Head.TokenClassification), options);
        ComponentContract.Check(_context, estimator, Texts([.. SmallClassifier.Examples(200).Select(example => example.Text!)]), tolerance: 1e-4);
    }

    [TestMethod]
    public void Words_have_a_tag_each_and_the_component_is_as_ML_NET_wants_them()
    {
        using var folder = new TemporaryFolder();
        var options = new BertTokenClassificationOptions { TextColumnName = "Words", MaximumLength = 12 };
        var estimator = _context.Transforms.Text.ApplyBertTokenClassification(SmallModels.Save(folder, Head.TokenClassification), options);
        var rows = SmallClassifier.Examples(100).Select(example => new Sentence { Words = example.Text!.Split(' ') }).ToList();
        rows.Add(new() { Words = [] });
        rows.Add(new() { Words = ["", "cat", "\u0001", "a b"] });
        var data = _context.Data.LoadFromEnumerable(rows);
        ComponentContract.Check(_context, estimator, data, tolerance: 1e-4);
        using var transformer = estimator.Fit(data);
        var scored = _context.Data.CreateEnumerable<Tagged>(transformer.Transform(data), reuseRowObject: false).ToList();
        foreach (var (row, tagged) in rows.Zip(scored))
        {
            Assert.HasCount(row.Words.Length, tagged.PredictedTags);
            Assert.HasCount(row.Words.Length, tagged.TagScores);
            Assert.IsTrue(tagged.PredictedTags.All(tag => SmallModels.Tags.Contains(tag)), string.Join(" ", tagged.PredictedTags));
        }
        Assert.AreEqual("O", scored[^1].PredictedTags[0]);
        Assert.AreEqual("O", scored[^1].PredictedTags[2]);
        Assert.AreEqual(0, scored[^1].TagScores[2]);
    }

    [TestMethod]
    public void Words_are_the_text_that_they_make_with_spaces()
    {
        using var folder = new TemporaryFolder();
        var model = SmallModels.Save(folder, Head.TokenClassification);
        string[] words = ["the", "cat,", "ran", "dog", "zebra", "7"];
        var ofText = Find(model, new() { Aggregation = AggregationStrategy.None }, string.Join(' ', words));
        var data = _context.Data.LoadFromEnumerable([new Sentence { Words = words }]);
        var options = new BertTokenClassificationOptions { TextColumnName = "Words", Aggregation = AggregationStrategy.None };
        using var transformer = _context.Transforms.Text.ApplyBertTokenClassification(model, options).Fit(data);
        var ofWords = _context.Data.CreateEnumerable<Tagged>(transformer.Transform(data), reuseRowObject: false).Single();
        Assert.IsNotEmpty(ofText.Entities);
        CollectionAssert.AreEqual(ofText.Entities, ofWords.Entities);
        CollectionAssert.AreEqual(ofText.EntityStarts, ofWords.EntityStarts);
        CollectionAssert.AreEqual(ofText.EntityEnds, ofWords.EntityEnds);
    }

    [TestMethod]
    public void A_long_text_is_one_row_with_an_entity_for_each_token_and_no_seam()
    {
        using var folder = new TemporaryFolder();
        var model = SmallModels.Save(folder, Head.TokenClassification);
        var words = Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? "cat" : "dog").ToArray();
        var options = new BertTokenClassificationOptions
        {
            Aggregation = AggregationStrategy.None,
            IgnoredLabels = [],
            MaximumLength = 20,
            Stride = 7,
        };
        var row = Find(model, options, string.Join(' ', words));
        CollectionAssert.AreEqual(Enumerable.Range(0, 300).Select(i => 4 * i).ToArray(), row.EntityStarts);
        CollectionAssert.AreEqual(Enumerable.Range(0, 300).Select(i => 4 * i + 3).ToArray(), row.EntityEnds);
        CollectionAssert.AreEqual(row.EntityStarts, Find(model, options with { JoinWindows = false }, string.Join(' ', words)).EntityStarts);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        using var folder = new TemporaryFolder();
        var model = SmallModels.Save(folder, Head.TokenClassification);
        var text = _context.Transforms.Text;
        Assert.ThrowsExactly<ArgumentException>(() => text.ApplyBertTokenClassification("x", new() { EntityEndsColumnName = "Entities" }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => text.ApplyBertTokenClassification("x", new() { Stride = -1 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => text.ApplyBertTokenClassification("x", new() { Aggregation = (AggregationStrategy)7 }));
        Refuses(new() { MaximumLength = 41 }, "40");
        Refuses(
            new() { IgnoredLabels = ["O", "PLANT"] },
            "Expected of O, PER, LOC, the labels that entities can have by Aggregation First. (Parameter 'IgnoredLabels')"
        );
        Refuses(new() { IgnoredLabels = ["LOC"], Aggregation = AggregationStrategy.None }, "Expected of O, B-PER, I-PER, B-LOC, I-LOC, the labels");
        Refuses(new() { MaximumLength = 12, Stride = 10 }, "Stride must be less than 10");
        ComponentContract.Refuses(text.ApplyBertTokenClassification(model, new() { TextColumnName = "Body" }), Texts("x"), "'Body'");
        var numbers = _context.Data.LoadFromEnumerable([new { Text = 1.5f }]);
        ComponentContract.Refuses(text.ApplyBertTokenClassification(model), numbers, "expected String or Vector<String>, got Single");
        using var transformer = text.ApplyBertTokenClassification(model).Fit(Texts("x"));
        ComponentContract.Refuses(transformer, numbers, "expected String or Vector<String>, got Single");

        using var other = new TemporaryFolder();
        var wrong = SmallModels.Save(other, Head.QuestionAnswering);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => text.ApplyBertTokenClassification(wrong).Fit(Texts("x"))).Message,
            "has no token classification head; it is one for question answering. Train one with BertTokenClassification. As it is, "
                + "ApplyBertQuestionAnswering scores it."
        );

        void Refuses(BertTokenClassificationOptions options, string message) =>
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => text.ApplyBertTokenClassification(model, options).Fit(Texts("x"))).Message,
                message
            );
    }

    [TestMethod]
    [DataRow("bert-tokcls")]
    [DataRow("distilbert-tokcls")]
    [DataRow("roberta-tokcls")]
    public void Entities_are_those_of_the_token_classification_pipeline(string name)
    {
        var folder = Golden.Path("golden", "models", name);
        var cases = JsonElement
            .Parse(File.ReadAllBytes(Golden.Path("golden", "pipelines", "token_classification.json")))
            .EnumerateArray()
            .Where(golden => golden.GetProperty("model").GetString() == name)
            .ToArray();
        Assert.HasCount(34, cases);
        foreach (var settings in cases.GroupBy(golden => (Strategy(golden), Number(golden, "max_length"), Number(golden, "stride"))))
        {
            var (strategy, length, stride) = settings.Key;
            var options = new BertTokenClassificationOptions
            {
                Aggregation = strategy,
                Words = WordSplitting.Tokenizer,
                MaximumLength = length,
                Stride = stride,
                JoinWindows = false,
            };
            var found = FindAll(folder, options, [.. settings.Select(golden => golden.GetProperty("text").GetString()!)]);
            foreach (var (golden, row) in settings.Zip(found))
            {
                var expected = golden.GetProperty("result").EnumerateArray().ToArray();
                var text = golden.GetProperty("text").GetString()!;
                Assert.HasCount(expected.Length, row.Entities, $"{strategy}: {text}");
                for (var i = 0; i < expected.Length; i++)
                {
                    Assert.AreEqual(
                        expected[i].GetProperty(strategy == AggregationStrategy.None ? "entity" : "entity_group").GetString(),
                        row.Entities[i],
                        text
                    );
                    Assert.AreEqual(expected[i].GetProperty("start").GetInt32(), row.EntityStarts[i], text);
                    Assert.AreEqual(expected[i].GetProperty("end").GetInt32(), row.EntityEnds[i], text);
                    Assert.AreEqual(expected[i].GetProperty("score").GetDouble(), row.EntityScores[i], 1e-4, text);
                }
            }
        }
        static AggregationStrategy Strategy(JsonElement golden) =>
            Enum.Parse<AggregationStrategy>(golden.GetProperty("strategy").GetString()!, ignoreCase: true);
        static int? Number(JsonElement golden, string property) => golden.TryGetProperty(property, out var value) ? value.GetInt32() : null;
    }

    private IDataView Texts(params IEnumerable<string> texts) => _context.Data.LoadFromEnumerable(texts.Select(text => new Line { Text = text }).ToList());

    private Found Find(string model, BertTokenClassificationOptions options, string text) => FindAll(model, options, text).Single();

    private List<Found> FindAll(string model, BertTokenClassificationOptions options, params string[] texts)
    {
        using var transformer = _context.Transforms.Text.ApplyBertTokenClassification(model, options).Fit(Texts(texts));
        return [.. _context.Data.CreateEnumerable<Found>(transformer.Transform(Texts(texts)), reuseRowObject: false)];
    }

    private sealed class Line
    {
        public string Text { get; set; } = "";
    }

    private sealed class Sentence
    {
        public string[] Words { get; set; } = [];
    }

    private class Found
    {
        public string[] Entities { get; set; } = [];
        public float[] EntityScores { get; set; } = [];
        public int[] EntityStarts { get; set; } = [];
        public int[] EntityEnds { get; set; } = [];
    }

    private sealed class Tagged : Found
    {
        public string[] PredictedTags { get; set; } = [];
        public float[] TagScores { get; set; } = [];
    }
}
