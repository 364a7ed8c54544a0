using System.Text;
using BertMl.Datasets;
using BertMl.Files;
using Microsoft.ML;

namespace BertMl.Tests.Datasets;

[TestClass]
public sealed class SquadTests
{
    private const string Valid = """
        {"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"qas": [
        {"question": "Who?", "id": "1", "answers": [{"text": "Ada", "answer_start": 2}, {"text": "Ada L.", "answer_start": 2}], "is_impossible": false},
        {"question": "Why?", "id": "2", "answers": [], "plausible_answers": [{"text": "x", "answer_start": 0}], "is_impossible": true}],
        "context": "😀 Ada L. wrote."}]}]}
        """;

    [TestMethod]
    public void Questions_are_read_with_starts_in_UTF_16()
    {
        var rows = Read(Valid);
        Assert.HasCount(2, rows);
        Assert.AreEqual("1|T|😀 Ada L. wrote.|Who?|Ada,Ada L.|3,3|False", Describe(rows[0]));
        Assert.AreEqual("2|T|😀 Ada L. wrote.|Why?|||True", Describe(rows[1]));
    }

    [TestMethod]
    public void A_buffer_of_any_size_gives_the_same()
    {
        var json = Encoding.UTF8.GetBytes(Valid);
        var expected = Read(Valid).Select(Describe).ToList();
        for (var size = 1; size < 700; size += 13)
        {
            using var stream = new MemoryStream(json);
            var reader = new JsonStreamReader(stream, "a.json", size);
            CollectionAssert.AreEqual(expected, SquadFile.Read(reader, "a.json").Select(Describe).ToList(), $"{size} bytes");
        }
    }

    [TestMethod]
    public void Json_that_is_cut_anywhere_is_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Valid);
        for (var length = 0; length < bytes.Length - 1; length++)
        {
            using var stream = new MemoryStream(bytes, 0, length);
            var e = Assert.ThrowsExactly<InvalidDataException>(
                () => SquadFile.Read(new JsonStreamReader(stream, "a.json"), "a.json").Count(),
                $"{length} bytes"
            );
            StringAssert.StartsWith(e.Message, "a.json: ");
        }
        StringAssert.Contains(Wrong("""{"data": [{"paragraphs": ["""), "not valid JSON at line 1 (is the file cut short?)");
    }

    [TestMethod]
    [DataRow(
        "Ada\", \"answer_start\": 2",
        "Ada\", \"answer_start\": 3",
        "question '1': the answer 'Ada' is not at its answer_start 3; the context has 'da ' there"
    )]
    [DataRow("\"answer_start\": 2}, {", "\"answer_start\": -1}, {", "the answer 'Ada' is not at its answer_start -1; the context has '' there")]
    [DataRow("\"answer_start\": 2}, {", "\"answer_start\": 99999999}, {", "is not at its answer_start 99999999; the context has '' there")]
    [DataRow(
        "\"answer_start\": 2}, {",
        "\"answer_start\": \"2\"}, {",
        "data[0].paragraphs[0].qas[0].answers[0].answer_start is \"2\"; expected a whole number"
    )]
    [DataRow("\"Who?\"", "\" \"", "data[0].paragraphs[0].qas[0].question is \" \"; expected text")]
    [DataRow("\"😀 Ada L. wrote.\"", "\"\"", "data[0].paragraphs[0].context is \"\"; expected text")]
    [DataRow("\"id\": \"2\", ", "", "data[0].paragraphs[0].qas[1].id is missing")]
    [DataRow("\"is_impossible\": false", "\"is_impossible\": true", "the question '1' is_impossible, but has 2 answers")]
    [DataRow("\"data\"", "\"rows\"", "data is missing; expected the JSON of SQuAD")]
    [DataRow("\"data\": [", "\"data\": [1, ", "data[0] is a JSON Number; expected StartObject")]
    [DataRow("\"version\"", "version", "not valid JSON at line 1")]
    public void What_is_wrong_is_named_with_its_place(string text, string replacement, string expected) =>
        StringAssert.Contains(Wrong(Valid.Replace(text, replacement, StringComparison.Ordinal)), expected);

    [TestMethod]
    public void Damaged_bytes_are_read_or_refused_and_nothing_else()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var trial = 0; trial < 2000; trial++)
        {
            var bytes = Encoding.UTF8.GetBytes(Valid);
            for (var i = random.Next(1, 4); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using var stream = new MemoryStream(bytes);
            try
            {
                _ = SquadFile.Read(new JsonStreamReader(stream, "a.json", 64), "a.json").Count();
            }
            catch (InvalidDataException e)
            {
                StringAssert.StartsWith(e.Message, "a.json: ", $"seed {seed}, trial {trial}");
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, trial {trial}: {e}");
            }
        }
    }

    [TestMethod]
    public void A_byte_order_mark_and_unknown_properties_are_passed_over()
    {
        var json = Valid.Replace("\"version\": \"v2.0\"", "\"extra\": {\"a\": [1, {\"data\": []}]}", StringComparison.Ordinal);
        Assert.HasCount(2, Read("\uFEFF" + json));
    }

    [TestMethod]
    public void Xquad_is_read_whole_and_every_answer_stands_at_its_start()
    {
        var context = new MLContext();
        var data = context.Data.LoadSquad(Golden.Path("data", "xquad", "xquad.en.json"));
        var rows = context.Data.CreateEnumerable<SquadQuestion>(data, reuseRowObject: false).ToList();
        Assert.HasCount(1190, rows);
        Assert.IsTrue(rows.All(row => row.Context.AsSpan(row.AnswerStarts[0]).StartsWith(row.Answers[0], StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Predictions_are_what_the_official_script_reads()
    {
        using var folder = new TemporaryFolder();
        SquadPredictions.Save(folder["predictions.json"], [new("b", "né \"x\""), new("a", "")]);
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(folder["predictions.json"]));
        Assert.AreEqual("b=né \"x\",a=", string.Join(',', json.RootElement.EnumerateObject().Select(entry => $"{entry.Name}={entry.Value}")));
        Assert.ThrowsExactly<ArgumentException>(() => SquadPredictions.Save(folder["other.json"], [new("a", ""), new("a", "")]));
        Assert.IsFalse(File.Exists(folder["other.json"]));
    }

    private static string Wrong(string json) => Assert.ThrowsExactly<InvalidDataException>(() => Read(json)).Message;

    private static List<SquadQuestion> Read(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.json"], json);
        var context = new MLContext();
        return [.. context.Data.CreateEnumerable<SquadQuestion>(context.Data.LoadSquad(folder["a.json"]), reuseRowObject: false)];
    }

    private static string Describe(SquadQuestion row) =>
        $"{row.Id}|{row.Title}|{row.Context}|{row.Question}|{string.Join(',', row.Answers)}|{string.Join(',', row.AnswerStarts)}|{row.IsImpossible}";
}
