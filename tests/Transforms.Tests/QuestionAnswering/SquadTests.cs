using BertMl.QuestionAnswering;
using BertMl.Tests.Metrics;

namespace BertMl.Tests.QuestionAnswering;

[TestClass]
public sealed class SquadTests
{
    private const double Tolerance = 1e-9;

    [TestMethod]
    public void Scores_equal_the_official_script()
    {
        foreach (var golden in MetricsCases.Of("squad"))
        {
            var (answer, prediction) = (golden.GetProperty("gold").GetString()!, golden.GetProperty("predicted").GetString()!);
            CollectionAssert.AreEqual(golden.Array<string>("normalized"), new[] { SquadScore.Normalize(answer), SquadScore.Normalize(prediction) });
            Assert.AreEqual(golden.Number("exact") == 1, SquadScore.IsExactMatch(prediction, [answer]));
            Assert.AreEqual(golden.Number("f1"), SquadScore.F1(prediction, [answer]), Tolerance);
        }
    }

    [TestMethod]
    public void The_best_of_several_answers_counts_and_none_is_right_only_where_there_is_none()
    {
        Assert.AreEqual(1, SquadScore.F1("Ada", ["Ada Lovelace", "ada"]), Tolerance);
        Assert.AreEqual(1, SquadScore.F1("", []), Tolerance);
        Assert.AreEqual(0, SquadScore.F1("Ada", []), Tolerance);
        Assert.AreEqual(0, SquadScore.F1("", ["Ada"]), Tolerance);
        // An answer of articles alone does not count.
        Assert.AreEqual(1, SquadScore.F1("", ["the"]), Tolerance);
    }

    [TestMethod]
    public void Averages_are_over_all_over_answerable_and_over_unanswerable_questions()
    {
        AnsweredQuestion[] questions = [new("1", ["Ada Lovelace"]), new("2", ["Bob"]), new("3", []), new("4", [])];
        var metrics = SquadMetrics.Compute(
            questions,
            new Dictionary<string, string>
            {
                ["1"] = "Ada",
                ["2"] = "bob.",
                ["3"] = "",
                ["4"] = "x",
            }
        );
        Assert.AreEqual(50, metrics.Overall.ExactMatch, Tolerance);
        Assert.AreEqual(100 * (2 / 3.0 + 1 + 1) / 4, metrics.Overall.F1, Tolerance);
        Assert.AreEqual(new SquadAverage(50, 100 * (2 / 3.0 + 1) / 2, 2), metrics.Answerable);
        Assert.AreEqual(new SquadAverage(50, 50, 2), metrics.Unanswerable);
        StringAssert.Contains(metrics.ToString(), "all          exact match  50.00   F1  66.67   4 questions");
        Assert.IsNull(SquadMetrics.Compute(questions[..1], new Dictionary<string, string> { ["1"] = "" }).Unanswerable);
    }

    [TestMethod]
    public void Questions_without_a_prediction_and_ids_that_occur_twice_are_named()
    {
        var none = new Dictionary<string, string>();
        StringAssert.Contains(Refused(() => SquadMetrics.Compute([new("q7", [])], none)), "The question 'q7' has no prediction");
        StringAssert.Contains(Refused(() => SquadMetrics.Compute([], none)), "no questions");
        var predictions = new Dictionary<string, string> { ["q7"] = "" };
        StringAssert.Contains(Refused(() => SquadMetrics.Compute([new("q7", []), new("q7", [])], predictions)), "'q7' occurs twice");
    }

    [TestMethod]
    public void The_threshold_of_no_answer_is_the_best_on_the_data()
    {
        // In order of the null score: right, right, wrong (unanswerable), right, wrong.
        var best = NullAnswerThreshold.Tune([-2, -1, 0, 1, 2], [1, 0.5, 0, 1, 0], [true, true, false, true, false]);
        Assert.AreEqual(new NullAnswerThreshold(-1, 70), best);
        Assert.IsLessThan(-1, NullAnswerThreshold.Tune([-1, 3], [0, 0], [false, false]).Threshold);
        Assert.AreEqual(3, NullAnswerThreshold.Tune([-1, 3], [1, 1], [true, true]).Threshold);
    }

    [TestMethod]
    public void No_other_threshold_is_better()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var trial = 0; trial < 200; trial++)
        {
            var count = random.Next(1, 20);
            var nullScores = Enumerable.Range(0, count).Select(_ => (double)random.Next(-5, 6)).ToArray();
            var scores = Enumerable.Range(0, count).Select(_ => random.Next(3) / 2.0).ToArray();
            var answerable = Enumerable.Range(0, count).Select(_ => random.Next(2) == 0).ToArray();
            double Score(double threshold) =>
                100 * Enumerable.Range(0, count).Average(i => nullScores[i] > threshold ? (answerable[i] ? 0.0 : 1) : (answerable[i] ? scores[i] : 0));
            var best = NullAnswerThreshold.Tune(nullScores, scores, answerable);
            Assert.AreEqual(Score(best.Threshold), best.Score, Tolerance, $"seed {seed}, trial {trial}");
            for (var threshold = -6.5; threshold < 7; threshold++)
                Assert.IsGreaterThanOrEqualTo(Score(threshold) - Tolerance, best.Score, $"seed {seed}, trial {trial}, {threshold}");
        }
    }

    [TestMethod]
    public void Thresholds_of_what_is_not_a_number_are_refused()
    {
        StringAssert.Contains(Refused(() => NullAnswerThreshold.Tune([0, double.NaN], [0, 0], [true, true])), "of question 1 is not a number");
        Assert.ThrowsExactly<ArgumentException>(() => NullAnswerThreshold.Tune([0], [0, 0], [true, true]));
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;
}
