using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;

namespace BertMl.Tests.Scoring;

[TestClass]
public sealed class BertQuestionAnsweringTransformerTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(AnswerScoring.Probability)]
    [DataRow(AnswerScoring.LogitSum)]
    public void It_is_a_component_as_ML_NET_wants_them(AnswerScoring scoring)
    {
        using var folder = new TemporaryFolder();
        var options = new BertQuestionAnsweringOptions
        {
            Scoring = scoring,
            TopK = 3,
            HandleImpossibleAnswer = true,
            NullScoreThreshold = scoring == AnswerScoring.LogitSum ? -0.5 : 0,
            MaximumLength = 24,
        };
        var rows = SmallClassifier
            .Examples(150)
            .Select((example, i) => new Row { Context = example.Text + " cat sat", Question = i % 9 == 0 ? example.Text! : "the dog" });
        var estimator = _context.Transforms.Text.ApplyBertQuestionAnswering(SmallModels.Save(folder, Head.QuestionAnswering), options);
        ComponentContract.Check(_context, estimator, _context.Data.LoadFromEnumerable(rows.ToList()), tolerance: 1e-4);
    }

    [TestMethod]
    public void Answers_are_parts_of_their_contexts_best_first_and_long_contexts_are_whole()
    {
        using var folder = new TemporaryFolder();
        var model = SmallModels.Save(folder, Head.QuestionAnswering);
        var context = string.Join(' ', Enumerable.Range(0, 200).Select(i => i % 7 == 0 ? "cat" : $"{i}"));
        foreach (var scoring in Enum.GetValues<AnswerScoring>())
        {
            var row = Ask(
                    model,
                    new()
                    {
                        Scoring = scoring,
                        TopK = 5,
                        MaximumLength = 32,
                    },
                    new Row { Context = context, Question = "the dog" }
                )
                .Single();
            Assert.HasCount(5, row.NBestAnswers);
            Assert.AreEqual(row.Answer, row.NBestAnswers[0]);
            CollectionAssert.AreEqual(row.NBestScores.OrderDescending().ToArray(), row.NBestScores);
            for (var i = 0; i < 5; i++)
                Assert.AreEqual(context[row.NBestStarts[i]..row.NBestEnds[i]], row.NBestAnswers[i]);
            Assert.AreEqual((row.NBestStarts[0], row.NBestEnds[0], row.NBestScores[0]), (row.Start, row.End, row.Score));
        }
    }

    [TestMethod]
    public void The_threshold_of_no_answer_is_saved_with_the_model()
    {
        using var folder = new TemporaryFolder();
        var model = SmallModels.Save(folder, Head.QuestionAnswering);
        var options = new BertQuestionAnsweringOptions { Scoring = AnswerScoring.LogitSum, HandleImpossibleAnswer = true };
        var rows = SmallClassifier.Examples(20).Select(example => new Row { Context = example.Text!, Question = "cat" }).ToArray();
        var differences = Ask(model, options, rows).Select(row => row.NullScore).Order().ToArray();
        var threshold = (differences[9] + differences[10]) / 2;
        Assert.AreNotEqual(differences[9], differences[10]);
        var data = _context.Data.LoadFromEnumerable(rows);
        using var transformer = _context.Transforms.Text.ApplyBertQuestionAnswering(model, options with { NullScoreThreshold = threshold }).Fit(data);
        using var stream = new MemoryStream();
        _context.Model.Save(transformer, data.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext().Model.Load(stream, out _);
        var answers = _context.Data.CreateEnumerable<LogitAnswer>(loaded.Transform(data), reuseRowObject: false).ToArray();
        Assert.AreEqual(10, answers.Count(row => row.Answer.Length == 0));
        foreach (var row in answers)
            Assert.AreEqual(row.NullScore > threshold, row.Answer.Length == 0);

        // And with the folder, whose config.json says by which threshold a question has no answer.
        transformer.SavePretrained(folder["saved"]);
        CollectionAssert.AreEqual(answers.Select(row => row.Answer).ToArray(), Ask(folder["saved"], new(), rows).Select(row => row.Answer).ToArray());
        Assert.IsTrue(Ask(folder["saved"], new() { HandleImpossibleAnswer = false }, rows).All(row => row.Answer.Length > 0));
        using var again = _context.Transforms.Text.ApplyBertQuestionAnswering(folder["saved"], new() { HandleImpossibleAnswer = false }).Fit(data);
        again.SavePretrained(folder["without"]);
        Assert.DoesNotContain("bertml_", File.ReadAllText(Path.Combine(folder["without"], "config.json")));
    }

    [TestMethod]
    public void A_question_that_is_too_long_is_cut_and_counted()
    {
        using var folder = new TemporaryFolder();
        var model = SmallModels.Save(folder, Head.QuestionAnswering);
        Row[] rows =
        [
            new() { Context = "the cat sat", Question = string.Join(' ', Enumerable.Repeat("dogs", 100)) },
            new() { Context = "the cat sat", Question = "dogs" },
        ];
        var data = _context.Data.LoadFromEnumerable(rows);
        using var transformer = _context.Transforms.Text.ApplyBertQuestionAnswering(model, new() { MaximumQuestionLength = 8 }).Fit(data);
        Assert.HasCount(2, _context.Data.CreateEnumerable<FoundAnswer>(transformer.Transform(data), reuseRowObject: false).ToArray());
        Assert.AreEqual(1, transformer.TruncatedQuestionCount);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        using var folder = new TemporaryFolder();
        var model = SmallModels.Save(folder, Head.QuestionAnswering);
        var text = _context.Transforms.Text;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => text.ApplyBertQuestionAnswering("x", new() { TopK = 0 }));
        Assert.ThrowsExactly<ArgumentException>(() => text.ApplyBertQuestionAnswering("x", new() { EndColumnName = "Start" }));
        Assert.ThrowsExactly<ArgumentException>(() => text.ApplyBertQuestionAnswering("x", new() { NullScoreThreshold = 2 }));
        var data = _context.Data.LoadFromEnumerable([new Row { Context = "the cat", Question = "dog" }]);
        Refuses(new() { MaximumLength = 41 }, "to 40 tokens");
        foreach (var question in (int[])[0, 7])
        {
            var options = new BertQuestionAnsweringOptions
            {
                MaximumLength = 20,
                Stride = 10,
                MaximumQuestionLength = question,
            };
            Refuses(options, "has room for 17, of which the Stride takes 10 and the context one more; expected 1 to 6. (Parameter 'MaximumQuestionLength')");
        }
        Refuses(new() { MaximumLength = 20, MaximumQuestionLength = 16 }, "the Stride takes 5 and the context one more; expected 1 to 11.");
        Refuses(new() { MaximumLength = 20, Stride = 16 }, "expected 0 to 15. (Parameter 'Stride')");
        ComponentContract.Refuses(text.ApplyBertQuestionAnswering(model, new() { QuestionColumnName = "Body" }), data, "'Body'");
        var empty = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Ask(model, new(), new() { Context = "a", Question = "b" }, new() { Context = " ", Question = "x" })
        );
        StringAssert.Contains(empty.Message, "Column 'Context' is empty in row 2");
        using var other = new TemporaryFolder();
        StringAssert.Contains(
            Assert
                .ThrowsExactly<InvalidDataException>(() => text.ApplyBertQuestionAnswering(SmallModels.Save(other, Head.TokenClassification)).Fit(data))
                .Message,
            "has no question answering head; it is one for token classification."
        );

        void Refuses(BertQuestionAnsweringOptions options, string message) =>
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => text.ApplyBertQuestionAnswering(model, options).Fit(data)).Message,
                message
            );
    }

    [TestMethod]
    [DataRow("bert-qa")]
    [DataRow("distilbert-qa")]
    [DataRow("roberta-qa")]
    public void Answers_are_those_of_the_question_answering_pipeline(string name)
    {
        var folder = Golden.Path("golden", "models", name);
        var cases = JsonElement
            .Parse(File.ReadAllBytes(Golden.Path("golden", "pipelines", "question_answering.json")))
            .EnumerateArray()
            .Where(golden => golden.GetProperty("model").GetString() == name)
            .ToArray();
        Assert.HasCount(10, cases);
        foreach (var golden in cases)
        {
            var options = new BertQuestionAnsweringOptions
            {
                Scoring = AnswerScoring.Probability,
                TopK = golden.GetProperty("top_k").GetInt32(),
                MaximumAnswerLength = golden.GetProperty("max_answer_len").GetInt32(),
                HandleImpossibleAnswer = golden.GetProperty("handle_impossible_answer").GetBoolean(),
                AlignToWords = golden.GetProperty("align_to_words").GetBoolean(),
                MaximumLength = golden.GetProperty("max_seq_len").GetInt32(),
                Stride = golden.GetProperty("doc_stride").GetInt32(),
            };
            var context = golden.GetProperty("context").GetString()!;
            var row = Ask(folder, options, new Row { Context = context, Question = golden.GetProperty("question").GetString()! }).Single();
            var expected = golden.GetProperty("result").EnumerateArray().ToArray();
            Assert.HasCount(expected.Length, row.NBestAnswers, context);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i].GetProperty("answer").GetString(), row.NBestAnswers[i], context);
                Assert.AreEqual(expected[i].GetProperty("start").GetInt32(), row.NBestStarts[i], context);
                Assert.AreEqual(expected[i].GetProperty("end").GetInt32(), row.NBestEnds[i], context);
                Assert.AreEqual(expected[i].GetProperty("score").GetDouble(), row.NBestScores[i], 1e-4, context);
            }
            Assert.AreEqual(row.NBestAnswers[0], row.Answer);
        }
    }

    private LogitAnswer[] Ask(string model, BertQuestionAnsweringOptions options, params Row[] rows)
    {
        var data = _context.Data.LoadFromEnumerable(rows);
        using var transformer = _context.Transforms.Text.ApplyBertQuestionAnswering(model, options).Fit(data);
        var scored = transformer.Transform(data);
        return options.Scoring == AnswerScoring.LogitSum
            ? [.. _context.Data.CreateEnumerable<LogitAnswer>(scored, reuseRowObject: false)]
            :
            [
                .. _context
                    .Data.CreateEnumerable<FoundAnswer>(scored, reuseRowObject: false)
                    .Select(row => new LogitAnswer
                    {
                        Answer = row.Answer,
                        Score = row.Score,
                        Start = row.Start,
                        End = row.End,
                        NBestAnswers = row.NBestAnswers,
                        NBestScores = row.NBestScores,
                        NBestStarts = row.NBestStarts,
                        NBestEnds = row.NBestEnds,
                    }),
            ];
    }

    private sealed class Row
    {
        public string Context { get; set; } = "";
        public string Question { get; set; } = "";
    }

    private class FoundAnswer
    {
        public string Answer { get; set; } = "";
        public float Score { get; set; }
        public int Start { get; set; }
        public int End { get; set; }
        public string[] NBestAnswers { get; set; } = [];
        public float[] NBestScores { get; set; } = [];
        public int[] NBestStarts { get; set; } = [];
        public int[] NBestEnds { get; set; } = [];
    }

    private sealed class LogitAnswer : FoundAnswer
    {
        public float NullScore { get; set; }
    }
}
