using System.Xml;
using BertMl.Samples;
using BertMl.TokenClassification;

namespace BertMl;

[TestClass]
public sealed class SdkDocumentationTests
{
    [TestMethod]
    public void Has_the_areas_of_the_library_with_hundreds_of_distinct_summaries_each()
    {
        var rows = SdkDocumentation.SummariesByArea();
        var areas = rows.CountBy(row => row.Label).ToDictionary(area => area.Key, area => area.Value, StringComparer.Ordinal);
        Assert.IsInRange(15, 25, areas.Count);
        Assert.IsTrue(areas.Values.All(count => count >= 400));
        Assert.IsTrue(areas.Keys.All(name => name.Count(c => c == '.') == 1), string.Join(", ", areas.Keys));
        CollectionAssert.IsSubsetOf(new[] { "System.IO", "System.Net", "System.Text", "System.Xml", "Microsoft.AspNetCore" }, areas.Keys);
        Assert.AreEqual(rows.Count, rows.DistinctBy(row => row.Text).Count());
        Assert.IsTrue(rows.All(row => row.Text.Split(' ').Length >= 6 && !row.Text.Contains('\n')));
    }

    [TestMethod]
    public void Is_the_same_each_time()
    {
        var (first, second) = (SdkDocumentation.SummariesByArea(), SdkDocumentation.SummariesByArea());
        CollectionAssert.AreEqual(first.Select(row => row.Text + row.Label).ToList(), second.Select(row => row.Text + row.Label).ToList());
    }

    [TestMethod]
    public void Words_that_name_types_members_parameters_keywords_and_code_are_marked()
    {
        var row = Read(
            """
            <summary>
              Copies <paramref name="count" /> bytes of <see cref="T:System.Collections.Generic.List`1" /> by
              <see cref="M:System.IO.Stream.Read(System.Byte[],System.Int32)"/> up to <see cref="F:System.Int32.MaxValue">Int32.MaxValue</see>, or
              <see langword="null"/>, <c>true</c> and <c>a + b</c>; see <see cref="N:System.IO" />.
            </summary>
            """
        );
        Assert.AreEqual("Copies count bytes of List<T> by Read(Byte[], Int32) up to Int32.MaxValue, or null, true and a + b; see System.IO.", row.Text);
        Assert.AreEqual(
            "parameter:count type:List<T> member:Read(Byte[], Int32) member:Int32.MaxValue keyword:null keyword:true code:a + b",
            string.Join(' ', row.Entities.Select(entity => $"{entity.Label}:{row.Text[entity.Start..entity.End]}"))
        );
    }

    [TestMethod]
    public void White_space_around_marked_words_is_as_a_reader_sees_it()
    {
        var row = Read("<summary>(<c> x </c>)\n\n<para>A <code data-dev-comment-type=\"paramref\">y</code>.</para></summary>");
        Assert.AreEqual("( x ) A y.", row.Text);
        Assert.AreEqual("code:2-3 parameter:8-9", string.Join(' ', row.Entities.Select(entity => $"{entity.Label}:{entity.Start}-{entity.End}")));
    }

    [TestMethod]
    public void Has_tens_of_thousands_of_texts_with_entities_of_which_the_most_frequent_tag_of_a_word_is_a_baseline()
    {
        var rows = SdkDocumentation.TextsWithEntities();
        Assert.IsGreaterThan(30_000, rows.Count);
        Assert.AreEqual(rows.Count, rows.DistinctBy(row => row.Text).Count());
        var labels = rows.SelectMany(row => row.Entities).CountBy(entity => entity.Label).ToDictionary(StringComparer.Ordinal);
        CollectionAssert.AreEquivalent(new[] { "type", "member", "parameter", "keyword", "code" }, labels.Keys);
        Assert.IsTrue(labels.Values.All(count => count >= 1_000), string.Join(", ", labels));
        foreach (var row in rows)
            Assert.IsTrue(row.Entities.All(entity => row.Text[entity.Start..entity.End] is var text && text == text.Trim() && text.Length > 0), row.Text);

        // Words parted by spaces are enough to see that the baseline is one.
        var sentences = rows.Where((_, i) => i % 20 == 0)
            .Select(row => (Words: (IReadOnlyList<string>)row.Text.Split(' '), Tags: (IReadOnlyList<string>)Tags(row)))
            .ToList();
        var (training, heldOut) = (sentences[..(sentences.Count / 2)], sentences[(sentences.Count / 2)..]);
        var baseline = new MostFrequentTag(training);
        var metrics = EntityMetrics.Compute(
            [.. heldOut.Select(row => row.Tags)],
            [.. heldOut.Select(row => (IReadOnlyList<string>)baseline.Predict(row.Words))]
        );
        Console.WriteLine(metrics);
        Assert.IsInRange(0.1, 0.8, metrics.Micro.F1);
    }

    private static string[] Tags(EntityText row)
    {
        var words = new List<Range>();
        foreach (var word in row.Text.Split(' '))
        {
            var start = words.Count == 0 ? 0 : words[^1].End.Value + 1;
            words.Add(start..(start + word.Length));
        }
        return WordOffsets.Tags(row.Entities, words, row.Text.Length);
    }

    private static EntityText Read(string xml)
    {
        using var reader = XmlReader.Create(new StringReader(xml));
        reader.Read();
        return EntityTextReader.Read(reader);
    }
}
