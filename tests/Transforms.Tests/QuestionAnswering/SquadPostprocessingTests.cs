using BertMl.QuestionAnswering;

namespace BertMl.Tests.QuestionAnswering;

[TestClass]
public sealed class SquadPostprocessingTests
{
    private const string Context = "Ada wrote it";

    [TestMethod]
    public void The_greatest_sum_of_logits_within_the_length_is_the_answer()
    {
        var window = AnswerWindows.Create(Context, [0, 5, 1, 0], [0, 1, 2, 4]);
        var prediction = SquadPostprocessing.Predict(Context, [window]);
        Assert.AreEqual("Ada wrote it", prediction.Answer.Text);
        Assert.AreEqual(9, prediction.Answer.Logit);
        Assert.AreEqual(-9, prediction.NullScoreDifference);
        Assert.AreEqual(1, prediction.NBest.Sum(answer => answer.Probability), 1e-9);
        var shorter = SquadPostprocessing.Predict(Context, [window], new() { MaxAnswerLength = 2 });
        Assert.AreEqual(("Ada wrote", 0, 9), (shorter.Answer.Text, shorter.Answer.Start, shorter.Answer.End));
    }

    [TestMethod]
    public void No_answer_wins_by_more_than_the_threshold_and_is_the_least_of_all_windows()
    {
        AnswerWindow[] windows = [AnswerWindows.Create(Context, [5, 1, 0, 0], [5, 1, 0, 0]), AnswerWindows.Create(Context, [3, 0, 0, 0], [3, 0, 0, 0])];
        var options = new SquadOptions { HandleImpossibleAnswer = true };
        var prediction = SquadPostprocessing.Predict(Context, windows, options);
        Assert.AreEqual("", prediction.Answer.Text);
        Assert.AreEqual(4, prediction.NullScoreDifference);
        Assert.IsGreaterThan(0, prediction.Answer.Probability);
        Assert.AreEqual("Ada", SquadPostprocessing.Predict(Context, windows, options with { NullScoreThreshold = 4 }).Answer.Text);
        Assert.AreEqual("Ada", SquadPostprocessing.Predict(Context, windows).Answer.Text);
    }

    [TestMethod]
    public void No_answer_stays_among_the_best_even_where_it_is_worse_than_all()
    {
        var window = AnswerWindows.Create(Context, [-9, 2, 1, 0], [-9, 2, 1, 0]);
        var best = SquadPostprocessing.Predict(Context, [window], new() { HandleImpossibleAnswer = true, NBest = 2 }).NBest;
        Assert.AreEqual("Ada|Ada wrote|", string.Join('|', best.Select(answer => answer.Text)));
    }

    [TestMethod]
    public void Options_that_cannot_be_are_refused()
    {
        var window = AnswerWindows.Create(Context, [0, 1, 0, 0], [0, 1, 0, 0]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SquadPostprocessing.Predict(Context, [window], new() { NBest = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SquadPostprocessing.Predict(Context, [window], new() { MaxAnswerLength = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SquadPostprocessing.Predict(Context, [window], new() { NullScoreThreshold = double.NaN }));
        Assert.ThrowsExactly<ArgumentException>(() => SquadPostprocessing.Predict(Context, []));
    }
}
