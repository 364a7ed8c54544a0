using BertMl.Checkpoints;
using BertMl.Datasets;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.FineTuning;

[TestClass]
public sealed class BertQuestionAnsweringTrainerTests
{
    private static readonly MLContext _ml = new(seed: 1);

    public static IEnumerable<object[]> ModelTypes =>
        FamilyTests
            .Configs.Where(config => config.Architecture.Heads.Contains(Head.QuestionAnswering))
            .Select(config => new object[] { config.Architecture.ModelType });

    private static BertQuestionAnsweringTransformer Fit(IEnumerable<SquadQuestion> rows, BertQuestionAnsweringTrainer.Options options) =>
        Trainer(options).Fit(_ml.Data.LoadFromEnumerable(rows));

    private static BertQuestionAnsweringTrainer Trainer(BertQuestionAnsweringTrainer.Options options) =>
        _ml.MulticlassClassification.Trainers.BertQuestionAnswering(options);

    [TestMethod]
    [DynamicData(nameof(ModelTypes))]
    public void Each_architecture_learns_to_answer_and_scores_saves_and_exports_it(string modelType)
    {
        using var folder = new TemporaryFolder();
        using var start = PretrainedModel.Create(FamilyTests.Configs.Single(c => c.Architecture.ModelType == modelType), Head.Base, SmallTask.Tokenizer, 1);
        using var model = Fit(AnswerTask.Rows(400), AnswerTask.Options(o => (o.Model, o.NumberOfEpochs) = (start, 8)));
        var test = AnswerTask.Rows(60, seed: 2);
        var answers = AnswerTask.Answer(_ml, model, test);
        Assert.IsGreaterThan(85.0, AnswerTask.Evaluate(answers).Overall.F1);
        foreach (var (answer, row) in answers.Zip(test))
            Assert.AreEqual(row.Context[answer.Start..answer.End], answer.Answer);
        Assert.IsLessThan(1e-4, model.SaveOnnx(folder["model.onnx"]).LargestDifference);
        model.SavePretrained(folder["model"]);
        var options = new BertQuestionAnsweringOptions
        {
            Scoring = AnswerScoring.LogitSum,
            MaximumAnswerLength = 30,
            MaximumLength = 32,
        };
        using var again = _ml.Transforms.Text.ApplyBertQuestionAnswering(folder["model"], options).Fit(_ml.Data.LoadFromEnumerable(test));
        CollectionAssert.AreEqual(answers.Select(row => row.Answer).ToArray(), AnswerTask.Answer(_ml, again, test).Select(row => row.Answer).ToArray());
    }

    [TestMethod]
    public void It_is_a_component_as_ML_NET_wants_them()
    {
        var data = _ml.Data.LoadFromEnumerable(AnswerTask.Rows(40, unanswerable: true));
        ComponentContract.Check(_ml, Trainer(AnswerTask.Options(o => o.NumberOfEpochs = 1)), data, tolerance: 1e-4);
    }

    [TestMethod]
    public void Questions_without_an_answer_get_none_by_a_threshold_tuned_on_validation_data()
    {
        // Long contexts are several windows, of which at most one or two have the answer.
        var validation = AnswerTask.Rows(80, seed: 3, unanswerable: true, length: 40);
        var epochs = new List<EpochMetrics>();
        var options = AnswerTask.Options(o =>
        {
            (o.ValidationSet, o.NumberOfEpochs) = (_ml.Data.LoadFromEnumerable(validation), 8);
            o.Progress = new Listener<TrainingProgress>(progress => epochs.AddRange(progress.Metrics is { } metrics ? [metrics] : []));
        });
        using var model = Fit(AnswerTask.Rows(400, unanswerable: true, length: 15), options);
        var best = epochs.Last(epoch => epoch.IsBest);
        Assert.AreEqual(epochs.Max(epoch => epoch.ValidationMetrics["best_f1"]), best.ValidationMetrics["best_f1"]);
        Assert.IsTrue(model.Options.HandleImpossibleAnswer);
        Assert.AreEqual(best.ValidationMetrics["best_f1_thresh"], model.Options.NullScoreThreshold!.Value, 0.05);
        var metrics = AnswerTask.Evaluate(AnswerTask.Answer(_ml, model, validation));
        Assert.AreEqual(100 * best.ValidationMetrics["best_f1"], metrics.Overall.F1, 1.5);
        Assert.IsGreaterThanOrEqualTo(best.ValidationMetrics["f1"], best.ValidationMetrics["best_f1"]);
        Assert.IsGreaterThan(60.0, metrics.Unanswerable!.F1);
        Assert.IsGreaterThan(60.0, metrics.Answerable!.F1);
    }

    [TestMethod]
    public void A_part_is_held_out_by_questions_and_a_cancelled_training_goes_on_to_the_same_weights()
    {
        using var folder = new TemporaryFolder();
        var rows = AnswerTask.Rows(60, unanswerable: true, length: 25);
        using var whole = Fit(rows, Options(false, default, null));
        using var stop = new CancellationTokenSource();
        var listener = new Listener<TrainingProgress>(progress => Stop(progress.Step == 8));
        Assert.ThrowsExactly<OperationCanceledException>(() => Fit(rows, Options(true, stop.Token, listener)));
        using var resumed = Fit(rows, Options(true, default, null));
        whole.SavePretrained(folder["whole"]);
        resumed.SavePretrained(folder["resumed"]);
        CollectionAssert.AreEqual(Weights("whole"), Weights("resumed"));
        Assert.AreEqual(whole.Options.NullScoreThreshold, resumed.Options.NullScoreThreshold);

        byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(folder[name], "model.safetensors"));
        void Stop(bool now)
        {
            if (now)
                stop.Cancel();
        }
        BertQuestionAnsweringTrainer.Options Options(bool resumes, CancellationToken token, IProgress<TrainingProgress>? progress) =>
            AnswerTask.Options(o =>
            {
                (o.NumberOfEpochs, o.ValidationFraction, o.CancellationToken, o.Progress) = (2, 0.2, token, progress);
                if (resumes)
                    (o.CheckpointFolder, o.CheckpointSteps) = (folder["checkpoints"], 3);
            });
    }

    [TestMethod]
    public void Single_answers_in_plain_columns_are_taken_too()
    {
        var rows = AnswerTask
            .Rows(40)
            .Select(row => new
            {
                row.Context,
                row.Question,
                Answer0 = row.Answers[0],
                Start0 = row.AnswerStarts[0],
            });
        var options = AnswerTask.Options(o => (o.AnswersColumnName, o.AnswerStartsColumnName, o.NumberOfEpochs) = ("Answer0", "Start0", 1));
        using var model = Trainer(options).Fit(_ml.Data.LoadFromEnumerable(rows.ToList()));
        Assert.IsFalse(model.Options.HandleImpossibleAnswer);
    }

    [TestMethod]
    public void A_threshold_that_is_given_is_not_tuned()
    {
        var rows = AnswerTask.Rows(60, unanswerable: true);
        BertQuestionAnsweringTrainer.Options Options(bool? tune) =>
            AnswerTask.Options(o =>
            {
                (o.NumberOfEpochs, o.ValidationFraction, o.TuneNullScoreThreshold) = (1, 0.2, tune);
                o.Scoring = o.Scoring with { HandleImpossibleAnswer = true, NullScoreThreshold = 1.25 };
            });
        using var model = Fit(rows, Options(null));
        Assert.AreEqual(1.25, model.Options.NullScoreThreshold);
        Assert.Contains(
            "TuneNullScoreThreshold must be null or false",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(Options(true))).Message
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Trainer(AnswerTask.Options(o => (o.TuneNullScoreThreshold, o.BestEpochMetric) = (false, ValidationMetric.BestF1)))
        );
    }

    [TestMethod]
    public void Bad_rows_are_named()
    {
        var good = AnswerTask.Rows(1)[0];
        Fails("Row 2 ('q7'): column 'Question' is empty", row => row.Question = " ");
        Fails("Row 2 ('q7'): column 'Context' is empty", row => row.Context = "");
        Fails("Row 2 ('q7'): the answer 'very cat' is not at its start 1 in the context, which has 'he very ' there", row => row.AnswerStarts = [1]);
        Fails("Row 2 ('q7'): the answer 'very cat' is not at its start 99 in the context, which has '' there", row => row.AnswerStarts = [99]);
        Fails("Row 2 ('q7') has 1 answers in column 'Answers' and 2 starts in 'AnswerStarts'", row => row.AnswerStarts = [4, 4]);
        Fails(
            "Row 2 ('q7'): answer 0, from 0 to 1, begins or ends within a surrogate pair of the context.",
            row => (row.Context, row.Answers, row.AnswerStarts) = ("\U0001F600 cat", ["\uD83D"], [0])
        );
        Fails("Row 2 ('q7'): answer 1 is empty", row => (row.Answers, row.AnswerStarts) = (["very cat", ""], [4, 0]));
        var none = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Fit(
                [
                    new()
                    {
                        Id = "q1",
                        Context = "a cat",
                        Question = "is there",
                    },
                ],
                AnswerTask.Options()
            )
        );
        Assert.Contains("None of the 1 questions to learn from has an answer in column 'Answers'", none.Message);
        var data = _ml.Data.LoadFromEnumerable(AnswerTask.Rows(2));
        ComponentContract.Refuses(Trainer(AnswerTask.Options(o => o.AnswerStartsColumnName = "Id")), data, "expected Int32 or Vector<Int32>, got String");
        ComponentContract.Refuses(Trainer(AnswerTask.Options(o => o.IdColumnName = "Key")), data, "Could not find input column 'Key'");

        void Fails(string message, Action<SquadQuestion> spoil)
        {
            var row = new SquadQuestion
            {
                Id = "q7",
                Context = "the very cat",
                Question = "is there",
                Answers = ["very cat"],
                AnswerStarts = [4],
            };
            spoil(row);
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit([good, row], AnswerTask.Options(o => o.IdColumnName = "Id")));
            Assert.Contains(message, error.Message);
        }
    }

    [TestMethod]
    public void A_window_points_at_its_answer_or_at_its_first_token()
    {
        var windows = new QuestionWindows(SmallTask.Tokenizer, 10, 2, 3);
        var set = new AnsweredContexts(windows, keepsTexts: true, () => new());
        // [CLS] is there [SEP] and five words of the context in each window: 0-4, 3-7, 6-8.
        const string context = "the a of and cat dog one time soup";
        set.Read(
            [new(context, "is there", ["cat dog"], [13]), new(context, "is there", [], [])],
            new(SmallTask.Config, SmallTask.Tokenizer, 10, null!, () => false)
        );
        Assert.AreEqual(2, set.QuestionCount);
        Assert.AreEqual(1, set.Unanswerable);
        Assert.AreEqual(6, set.Count);
        var labels = set.Fill([0, 1, 2, 3], 0, new());
        CollectionAssert.AreEqual(new long[] { 0, 5, 0, 0 }, labels["start_positions"]);
        CollectionAssert.AreEqual(new long[] { 0, 6, 0, 0 }, labels["end_positions"]);
    }
}
