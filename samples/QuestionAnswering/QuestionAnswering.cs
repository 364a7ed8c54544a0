using BertMl.Datasets;
using BertMl.FineTuning;
using BertMl.Pages;
using BertMl.QuestionAnswering;
using BertMl.Scoring;
using BertMl.Texts;
using BertMl.TokenClassification;
using BertMl.Training;
using Microsoft.ML;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>Question answering: learns on a SQuAD file, is evaluated on contexts that it has not seen, and then asks the user.</summary>
internal sealed class QuestionAnswering(IAnsiConsole console, QuestionAnsweringSettings settings)
{
    private const int ShownQuestions = 8;

    // Of questions that may have no answer, a part is held out to find the threshold of no answer.
    private const double ValidationShare = 0.1;
    private readonly MLContext _ml = new(settings.Seed);

    /// <returns>The exit code.</returns>
    public int Run(CancellationToken cancellationToken)
    {
        if (settings.Model is { } saved)
        {
            var loaded = _ml.Model.LoadChecked(saved, out var _);
            Ask(loaded);
            (loaded as IDisposable)?.Dispose();
            return 0;
        }
        Inputs.CheckPaths(settings.Data, settings.Test);
        Inputs.CheckModels(settings.Checkpoint ?? ShippedModel.Folder);
        var (training, test) = Read();
        var bert = settings.Checkpoint ?? ShippedModel.Name;
        console.MarkupLineInterpolated(
            $"[bold]{training.Count:N0}[/] questions to learn from and [bold]{test.Count:N0}[/] held out, of {settings.Data}; from {bert}."
        );
        using var curves = new TrainingCurves(settings.Output);
        var (model, time, _) = TrainingDisplay.Show(console, display => Train(training, new Reports(display.Report, curves.Report), cancellationToken));
        using var _ = model;
        var answers = _ml.Data.CreateEnumerable<AnsweredRow>(model.Transform(_ml.Data.LoadFromEnumerable(test)), reuseRowObject: false).ToList();
        var predictions = answers.ToDictionary(answer => answer.Id, answer => answer.Answer, StringComparer.Ordinal);
        var metrics = SquadMetrics.Compute(test.Select(question => new AnsweredQuestion(question.Id, question.Answers)), predictions);
        console.WriteLine(metrics.ToString());
        console.MarkupLineInterpolated(
            $"Trained in {time.TotalSeconds:F0} s. Exact match [bold]{metrics.Overall.ExactMatch:F2}[/], F1 [bold]{metrics.Overall.F1:F2}[/]."
        );

        Save(model, predictions);
        SaveReport(bert, training.Count, metrics, answers);
        Ask(model);
        return 0;
    }

    private (IReadOnlyList<SquadQuestion> Training, IReadOnlyList<SquadQuestion> Test) Read()
    {
        var all = Read(settings.Data!);
        if (settings.Test is { } test)
            return (all, Read(test));
        // By paragraphs, so that no context is both learned from and asked about.
        var paragraphs = new List<List<SquadQuestion>>();
        foreach (var question in all)
        {
            if (paragraphs is not [.., [var first, ..]] || first.Context != question.Context)
                paragraphs.Add([]);
            paragraphs[^1].Add(question);
        }
        var cut = (int)(paragraphs.Count * settings.TrainShare);
        return cut > 0 && cut < paragraphs.Count
            ? ([.. paragraphs[..cut].SelectMany(questions => questions)], [.. paragraphs[cut..].SelectMany(questions => questions)])
            : throw new InvalidDataException($"{settings.Data} has {paragraphs.Count} paragraphs: too few to hold out a part. Give another file by --test.");
    }

    private List<SquadQuestion> Read(string file) => [.. _ml.Data.CreateEnumerable<SquadQuestion>(_ml.Data.LoadSquad(file), reuseRowObject: false)];

    private BertQuestionAnsweringTransformer Train(
        IReadOnlyList<SquadQuestion> training,
        IProgress<TrainingProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var options = new BertQuestionAnsweringTrainer.Options
        {
            Checkpoint = settings.Checkpoint ?? ShippedModel.Folder,
            IdColumnName = nameof(SquadQuestion.Id),
            ValidationFraction = training.Any(question => question.IsImpossible) ? ValidationShare : 0,
            NumberOfEpochs = settings.Epochs,
            LearningRate = settings.LearningRate,
            BatchSize = settings.BatchSize,
            MaximumLength = settings.MaximumLength,
            Precision = settings.Precision,
            Progress = progress,
            CancellationToken = cancellationToken,
        };
        options.Scoring = options.Scoring with { Stride = settings.Stride };
        return _ml.MulticlassClassification.Trainers.BertQuestionAnswering(options).Fit(_ml.Data.LoadFromEnumerable(training));
    }

    private void Save(BertQuestionAnsweringTransformer model, IReadOnlyDictionary<string, string> predictions)
    {
        Directory.CreateDirectory(settings.Output);
        var zip = Path.Combine(settings.Output, "answers.zip");
        _ml.Model.SaveAtomically(model, _ml.Data.LoadFromEnumerable<AskedQuestion>([]).Schema, zip);
        var folder = Path.Combine(settings.Output, "huggingface");
        model.SavePretrained(folder);
        var json = Path.Combine(settings.Output, "predictions.json");
        SquadPredictions.Save(json, predictions);
        console.MarkupLineInterpolated($"Saved {zip}, {folder} and {json}, which SQuAD's own script evaluates.");
    }

    private void SaveReport(string bert, int count, SquadMetrics metrics, IReadOnlyList<AnsweredRow> answers)
    {
        var page = Path.Combine(settings.Output, "report.html");
        new Report("Question answering", $"A BERT from {bert} learned from {count:N0} questions to answer by a stretch of their contexts.")
            .Add("Held-out questions", HtmlFragment.Code(metrics.ToString()))
            .Add(
                "Questions and answers",
                answers
                    .Take(ShownQuestions)
                    .SelectMany(answer =>
                        new[]
                        {
                            HtmlFragment.Heading(answer.Question),
                            MarkedText.Entities(
                                answer.Context,
                                answer.Answer.Length == 0 ? [] : [new Entity("answer", answer.Score, answer.Start, answer.End)]
                            ),
                            HtmlFragment.Paragraph(
                                answer.Answers.Length == 0 ? "Right: no answer." : $"Right: {string.Join(" / ", answer.Answers.Distinct())}"
                            ),
                        }
                    )
            )
            .Add("The run", HtmlFragment.Facts(Report.RunFacts))
            .Save(page);
        console.MarkupLineInterpolated($"Questions with their answers marked are in [bold]{page}[/].");
    }

    // Lines that a program pipes in are a context and then questions about it.
    private void Ask(ITransformer model)
    {
        using var engine = _ml.Model.CreatePredictionEngine<AskedQuestion, AnsweredRow>(model, new PredictionEngineOptions { OwnsTransformer = false });
        var context = TypedLines.Read(console, "Type a text to ask about, in one line, or nothing to end [blue]>[/] ").FirstOrDefault();
        if (context is null)
            return;
        foreach (var question in TypedLines.Read(console, "Question [blue]>[/] "))
        {
            var answer = engine.Predict(new() { Context = context, Question = question });
            var text = answer.Answer.Length == 0 ? "no answer" : answer.Answer;
            console.MarkupLineInterpolated($"  [bold]{text}[/] [dim]({answer.Score:P0}, at {answer.Start})[/]");
        }
    }
}
