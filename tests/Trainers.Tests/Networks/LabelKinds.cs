using BertMl.Checkpoints;
using BertMl.FineTuning;
using BertMl.Scoring;
using BertMl.Training;
using Microsoft.ML;

namespace BertMl.Networks;

/// <summary>
/// What every architecture must do of each kind of label (two classes, numbers, several labels, choices): the loss falls, the folder that is saved scores as
/// the transformer that was trained, and its config.json says what it is for.
/// </summary>
internal static class LabelKinds
{
    private static readonly MLContext _ml = new(seed: 1);

    public static void Check(ModelConfig config)
    {
        using var start = PretrainedModel.Create(config, Head.Base, SmallTask.Tokenizer, 1);
        var booleans = _ml.Data.LoadFromEnumerable(TaskRows.Booleans(120, 1));
        var binary = Common(new BertBinaryClassificationTrainer.Options(), start);
        Check(
            _ml.BinaryClassification.Trainers.BertClassification(binary.Options).Fit(booleans),
            folder => _ml.Transforms.Text.ApplyBertBinaryClassification(folder),
            booleans,
            binary.Losses,
            ProblemType.SingleLabelClassification
        );
        var numbers = _ml.Data.LoadFromEnumerable(TaskRows.Numbers(120, 1));
        var regression = Common(new BertRegressionTrainer.Options(), start);
        Check(
            _ml.Regression.Trainers.BertRegression(regression.Options).Fit(numbers),
            folder => _ml.Transforms.Text.ApplyBertRegression(folder),
            numbers,
            regression.Losses,
            ProblemType.Regression
        );
        var vectors = _ml.Data.LoadFromEnumerable(TaskRows.Several(120, 1));
        var several = Common(new BertMultiLabelClassificationTrainer.Options(), start);
        Check(
            _ml.Transforms.Text.BertMultiLabelClassification(several.Options).Fit(vectors),
            folder => _ml.Transforms.Text.ApplyBertMultiLabelClassification(folder),
            vectors,
            several.Losses,
            ProblemType.MultiLabelClassification
        );
        var rows = _ml.Data.LoadFromEnumerable(TaskRows.Choices(60, 1));
        var choice = Common(new BertMultipleChoiceTrainer.Options(), start);
        var trainer = _ml.Transforms.Text.BertMultipleChoice(choice.Options);
        if (config.Architecture.Heads.Contains(Head.MultipleChoice))
            Check(trainer.Fit(rows), folder => _ml.Transforms.Text.ApplyBertMultipleChoice(folder, ["Choices"], numberOfChoices: 3), rows, choice.Losses, null);
        else
            Assert.Contains("has no head MultipleChoice", Assert.Throws<Exception>(() => trainer.Fit(rows)).Message);
    }

    private static (TOptions Options, List<double> Losses) Common<TOptions>(TOptions options, PretrainedModel start)
        where TOptions : FineTuningOptions
    {
        var losses = new List<double>();
        (options.Model, options.NumberOfEpochs, options.BatchSize, options.LearningRate, options.MaximumLength) = (start, 6, 16, 2e-3, 32);
        options.Progress = new Listener<TrainingProgress>(report => losses.AddRange(report.Metrics is { } epoch ? [epoch.TrainingLoss] : []));
        return (options, losses);
    }

    private static void Check<TTransformer>(
        TTransformer trained,
        Func<string, IEstimator<TTransformer>> apply,
        IDataView rows,
        List<double> losses,
        ProblemType? problem
    )
        where TTransformer : BertTransformer
    {
        using var folder = new TemporaryFolder();
        using var _ = trained;
        Assert.IsLessThan(losses[0], losses[^1], typeof(TTransformer).Name);
        trained.SavePretrained(folder.Path);
        using (var saved = PretrainedModel.Load(folder.Path))
            Assert.AreEqual(problem, saved.Config.ProblemType);
        using var applied = apply(folder.Path).Fit(rows);
        // Maximum lengths differ, and no text is as long.
        CollectionAssert.AreEqual(
            ComponentContract.Rows(trained.Transform(rows)).ToArray(),
            ComponentContract.Rows(applied.Transform(rows)).ToArray(),
            typeof(TTransformer).Name
        );
    }
}
