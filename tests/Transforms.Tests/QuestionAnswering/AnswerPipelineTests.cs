using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.QuestionAnswering;
using BertMl.Tokenization;

namespace BertMl.Tests.QuestionAnswering;

[TestClass]
public sealed class AnswerPipelineTests
{
    [TestMethod]
    [DataRow("bert-qa")]
    public void Answers_equal_Hugging_Face(string folder)
    {
        using var model = PretrainedModel.Load(Golden.Path("golden", "models", folder), Head.QuestionAnswering);
        using var session = OnnxSession.Create(model);
        var cases = JsonElement
            .Parse(File.ReadAllBytes(Golden.Path("golden", "pipelines", "question_answering.json")))
            .EnumerateArray()
            .Where(golden => golden.GetProperty("model").GetString() == folder)
            .ToArray();
        Assert.HasCount(10, cases);
        foreach (var golden in cases)
        {
            var context = golden.GetProperty("context").GetString()!;
            var options = new AnswerOptions
            {
                TopK = golden.GetProperty("top_k").GetInt32(),
                MaxAnswerLength = golden.GetProperty("max_answer_len").GetInt32(),
                HandleImpossibleAnswer = golden.GetProperty("handle_impossible_answer").GetBoolean(),
                AlignToWords = golden.GetProperty("align_to_words").GetBoolean(),
            };
            var encoding = model.Tokenizer!.Encode(
                golden.GetProperty("question").GetString()!,
                context,
                new()
                {
                    MaximumLength = golden.GetProperty("max_seq_len").GetInt32(),
                    Stride = golden.GetProperty("doc_stride").GetInt32(),
                    Truncation = TruncationStrategy.OnlySecond,
                }
            );
            var answers = AnswerPipeline.Find(context, [.. encoding.Windows().Select(window => Window(session, window))], options);
            var expected = golden.GetProperty("result").EnumerateArray().ToArray();
            Assert.HasCount(expected.Length, answers, context);
            foreach (var (answer, other) in answers.Zip(expected))
            {
                Assert.AreEqual(other.GetProperty("answer").GetString(), answer.Text, context);
                Assert.AreEqual(other.GetProperty("start").GetInt32(), answer.Start, context);
                Assert.AreEqual(other.GetProperty("end").GetInt32(), answer.End, context);
                Assert.AreEqual(other.GetProperty("score").GetDouble(), answer.Score, 1e-5, context);
            }
        }
    }

    [TestMethod]
    public void The_same_text_in_other_places_is_one_answer_with_the_sum_of_the_scores()
    {
        const string context = "red Red";
        var answers = AnswerPipeline.Find(context, [AnswerWindows.Create(context, [0, 3, 2], [0, 3, 2])], new() { TopK = 3, MaxAnswerLength = 1 });
        Assert.HasCount(1, answers);
        Assert.AreEqual((0, 3), (answers[0].Start, answers[0].End));
        var sum = Math.Exp(0) + Math.Exp(3) + Math.Exp(2);
        Assert.AreEqual(Math.Pow(Math.Exp(3) / sum, 2) + Math.Pow(Math.Exp(2) / sum, 2), answers[0].Score, 1e-6);
    }

    [TestMethod]
    public void No_answer_has_the_least_probability_that_a_window_gives_to_it()
    {
        const string context = "one two";
        AnswerWindow[] windows = [AnswerWindows.Create(context, [9, 0, 0], [9, 0, 0]), AnswerWindows.Create(context, [1, 0, 0], [1, 0, 0])];
        var answers = AnswerPipeline.Find(context, windows, new() { HandleImpossibleAnswer = true });
        Assert.AreEqual("", answers.Single().Text);
        Assert.AreEqual(Math.Pow(Math.E / (Math.E + 2), 2), answers[0].Score, 1e-6);
        Assert.AreNotEqual("", AnswerPipeline.Find(context, windows).Single().Text);
    }

    [TestMethod]
    public void What_does_not_fit_is_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => AnswerPipeline.Find("a", [], new() { TopK = 0 }));
        Assert.ThrowsExactly<ArgumentException>(() => AnswerPipeline.Find("a", [new(new float[2], new float[3], [0..0, 0..1], [null, 0], 1..2)]));
        Assert.ThrowsExactly<ArgumentException>(() => AnswerPipeline.Find("a", [new(new float[2], new float[2], [0..0, 0..5], [null, 0], 1..2)]));
        Assert.ThrowsExactly<ArgumentException>(() => AnswerPipeline.Find("a", [new(new float[2], new float[2], [0..0, 0..1], [null, 0], 0..2)]));
        Assert.IsEmpty(AnswerPipeline.Find("", []));
    }

    private static AnswerWindow Window(OnnxSession session, TokenEncoding window)
    {
        var first = window.TypeIds.IndexOf(1);
        return new(session.Run(window, "start_logits"), session.Run(window, "end_logits"), window.Offsets, window.WordIds, first..(window.Ids.Length - 1));
    }
}
