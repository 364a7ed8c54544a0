using System.Text.Json;
using BertMl.Metrics;
using BertMl.Tests.Metrics;
using BertMl.TokenClassification;

namespace BertMl.Tests.TokenClassification;

[TestClass]
public sealed class EntityMetricsTests
{
    private const double Tolerance = 1e-9;

    [TestMethod]
    public void Metrics_equal_seqeval()
    {
        foreach (var golden in MetricsCases.Of("entities"))
        {
            var (labels, predictions) = (golden.Array<string[]>("gold"), golden.Array<string[]>("predicted"));
            var lenient = EntityMetrics.Compute(labels, predictions);
            AssertEqual(golden.GetProperty("default"), lenient.Micro, "f1");
            var report = golden.GetProperty("default").GetProperty("report");
            foreach (var score in (IEnumerable<LabelScore>)[.. lenient.PerType, lenient.Micro, lenient.Macro, lenient.Weighted])
            {
                var expected = report.GetProperty(score.Label);
                AssertEqual(expected, score, "f1-score");
                Assert.AreEqual(expected.GetProperty("support").GetInt64(), score.Support);
            }
            Assert.AreEqual(report.EnumerateObject().Count(), lenient.PerType.Count + 3);
            AssertEqual(golden.GetProperty("strict_iob2"), EntityMetrics.Compute(labels, predictions, TagScheme.Iob2).Micro, "f1");
        }
    }

    [TestMethod]
    [DataRow("B-A I-A O B-B", "0-2A 3-4B")]
    [DataRow("I-A I-A I-B O", "0-2A 2-3B")]
    [DataRow("B-A B-A I-A", "0-1A 1-3A")]
    [DataRow("B-A E-A E-A S-B I-B", "0-2A 2-3A 3-4B 4-5B")]
    [DataRow("O O", "")]
    [DataRow("B-creative-work I-creative-work", "0-2creative-work")]
    public void Lenient_reading_takes_what_CoNLL_takes(string tags, string expected) => AssertEntities(expected, EntityTags.Entities(tags.Split(' ')));

    [TestMethod]
    [DataRow(TagScheme.Iob2, "B-A I-A O I-B B-B", "0-2A 4-5B")]
    [DataRow(TagScheme.Iob2, "B-A I-B I-A", "0-1A")]
    [DataRow(TagScheme.Iobes, "B-A I-A E-A S-B O", "0-3A 3-4B")]
    [DataRow(TagScheme.Iobes, "B-A O B-A E-B B-A B-A E-A", "5-7A")]
    [DataRow(TagScheme.Iobes, "S-A I-A E-A S-A", "0-1A 3-4A")]
    [DataRow(TagScheme.Bilou, "B-A L-A U-B I-B L-B", "0-2A 2-3B")]
    public void Strict_reading_takes_what_the_scheme_allows(TagScheme scheme, string tags, string expected) =>
        AssertEntities(expected, EntityTags.Entities(tags.Split(' '), scheme));

    [TestMethod]
    public void Tags_that_are_written_are_read_again()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var trial = 0; trial < 300; trial++)
        {
            var entities = new List<EntitySpan>();
            var words = 0;
            for (var i = random.Next(5); i > 0; i--)
            {
                var start = words + random.Next(3);
                words = start + random.Next(1, 4);
                entities.Add(new(start, words, random.Next(2) == 0 ? "PER" : "creative-work"));
            }
            words += random.Next(3);
            foreach (var scheme in Enum.GetValues<TagScheme>())
                CollectionAssert.AreEqual(
                    entities,
                    EntityTags.Entities(EntityTags.Tags(entities, words, scheme), scheme).ToList(),
                    $"seed {seed}, trial {trial}, {scheme}"
                );
            CollectionAssert.AreEqual(entities, EntityTags.Entities(EntityTags.Tags(entities, words, TagScheme.Iobes)).ToList(), $"seed {seed}, trial {trial}");
        }
    }

    [TestMethod]
    public void Entities_are_compared_by_span_and_type()
    {
        var metrics = EntityMetrics.Compute(
            [
                [new(0, 4, "LOC"), new(5, 9, "PER")],
                [new(0, 4, "LOC")],
            ],
            [
                [new(0, 4, "LOC"), new(5, 8, "PER")],
                [],
            ]
        );
        Assert.AreEqual(new LabelScore("LOC", 1, 0.5, 2 / 3.0, 2), metrics.PerType[0]);
        Assert.AreEqual(new LabelScore("PER", 0, 0, 0, 1), metrics.PerType[1]);
        Assert.AreEqual(0.5, metrics.Micro.Precision, Tolerance);
        StringAssert.Contains(metrics.ToString(), "   micro avg    0.5000    0.3333    0.4000         3\n");
    }

    [TestMethod]
    public void What_cannot_be_compared_is_refused()
    {
        StringAssert.Contains(
            Refused(() =>
                EntityMetrics.Compute(
                    [
                        ["O"],
                        ["O", "O"],
                    ],
                    [
                        ["O"],
                        ["O"],
                    ]
                )
            ),
            "Row 1 has 2 labels and 1 predictions"
        );
        StringAssert.Contains(
            Refused(() =>
                EntityMetrics.Compute(
                    [
                        ["O", "PER"],
                    ],
                    [
                        ["O", "O"],
                    ]
                )
            ),
            "Row 0 of labels: The tag of word 1 is 'PER'"
        );
        StringAssert.Contains(
            Refused(() =>
                EntityMetrics.Compute(
                    [
                        ["O"],
                    ],
                    [
                        ["S-PER"],
                    ],
                    TagScheme.Iob2
                )
            ),
            "Row 0 of predictions: The tag of word 0 is 'S-PER'"
        );
        StringAssert.Contains(Refused(() => EntityTags.Entities(["B-"])), "The tag of word 0 is 'B-'");
        StringAssert.Contains(Refused(() => EntityTags.Tags([new(0, 2, "A"), new(1, 3, "B")], 4)), "0..2 'A' and 1..3 'B' overlap");
        StringAssert.Contains(Refused(() => EntityTags.Tags([new(2, 5, "A")], 4)), "2..5 'A' is empty or not within the 4 words");
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;

    private static void AssertEntities(string expected, IReadOnlyList<EntitySpan> actual) =>
        Assert.AreEqual(expected, string.Join(' ', actual.Select(entity => $"{entity.Start}-{entity.End}{entity.Label}")));

    private static void AssertEqual(JsonElement expected, LabelScore actual, string f1)
    {
        Assert.AreEqual(expected.GetProperty("precision").GetDouble(), actual.Precision, Tolerance, actual.Label);
        Assert.AreEqual(expected.GetProperty("recall").GetDouble(), actual.Recall, Tolerance, actual.Label);
        Assert.AreEqual(expected.GetProperty(f1).GetDouble(), actual.F1, Tolerance, actual.Label);
    }
}
