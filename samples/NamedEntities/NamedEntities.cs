using BertMl.FineTuning;
using BertMl.Scoring;
using BertMl.TokenClassification;
using BertMl.Training;
using Microsoft.ML;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>Named entities: learns to find them, shows how well by type beside a baseline, and shows some texts with theirs.</summary>
internal sealed class NamedEntities(IAnsiConsole console, NamedEntitiesSettings settings)
{
    private const int ShownTexts = 8;
    private readonly MLContext _ml = new(settings.Seed);

    /// <returns>The exit code.</returns>
    public int Run(CancellationToken cancellationToken)
    {
        Inputs.CheckPaths(settings.Data, settings.Test);
        Inputs.CheckModels(settings.Checkpoint ?? ShippedModel.Folder);
        var data = EntityData.Read(_ml, settings);
        var bert = settings.Checkpoint ?? ShippedModel.Name;
        console.MarkupLineInterpolated(
            $"[bold]{data.Training.Count:N0}[/] texts to learn from and [bold]{data.HeldOut.Count:N0}[/] held out, of {data.Source}; from {bert}."
        );
        using var curves = new TrainingCurves(settings.Output);
        var (model, time, _) = TrainingDisplay.Show(console, display => Train(data, new Reports(display.Report, curves.Report), cancellationToken));
        using var _ = model;

        var found = _ml.Data.CreateEnumerable<FoundRow>(model.Transform(_ml.Data.LoadFromEnumerable(data.HeldOut)), reuseRowObject: false).ToList();
        IReadOnlyCollection<EntitySpan>[] gold = [.. data.HeldOut.Select(row => row.Spans())];
        var metrics = EntityMetrics.Compute(gold, [.. found.Select(row => row.Spans())]);
        var baseline = EntityMetrics.Compute(gold, data.Baseline());
        console.Write(EntityFigures.Table(metrics, baseline));
        console.MarkupLineInterpolated(
            $"F1 of all entities [bold]{metrics.Micro.F1:F4}[/]; the baseline's is {baseline.Micro.F1:F4}. Trained in {time.TotalSeconds:F0} s."
        );
        var shown = found.Where(row => row.Entities.Length > 0).Take(ShownTexts).ToList();
        var colours = new EntityColours(model.Labels);
        foreach (var row in shown)
            console.MarkupLine(colours.Markup(row.Text, row.All()));

        Save(model);
        var page = Path.Combine(settings.Output, "report.html");
        EntityFigures.Report(data, bert, metrics, baseline, shown, curves.CsvPath).Save(page);
        console.MarkupLineInterpolated($"Scores, curve and texts with their entities are in [bold]{page}[/].");
        return 0;
    }

    private BertTokenClassificationTransformer Train(EntityData data, IProgress<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        var options = new BertTokenClassificationTrainer.Options
        {
            Checkpoint = settings.Checkpoint ?? ShippedModel.Folder,
            // Words and a tag for each, or raw text and where its entities start and end.
            TextColumnName = data.HasWords ? nameof(EntityRow.Words) : nameof(EntityRow.Text),
            LabelColumnName = data.HasWords ? nameof(EntityRow.Tags) : nameof(EntityRow.Labels),
            // The documentation marks parts of words too: their entity is the whole word.
            RepairTags = true,
            NumberOfEpochs = settings.Epochs,
            LearningRate = settings.LearningRate,
            BatchSize = settings.BatchSize,
            MaximumLength = settings.MaximumLength,
            Precision = settings.Precision,
            Progress = progress,
            CancellationToken = cancellationToken,
        };
        return _ml.MulticlassClassification.Trainers.BertTokenClassification(options).Fit(_ml.Data.LoadFromEnumerable(data.Training));
    }

    private void Save(BertTokenClassificationTransformer model)
    {
        Directory.CreateDirectory(settings.Output);
        var zip = Path.Combine(settings.Output, "entities.zip");
        _ml.Model.SaveAtomically(model, _ml.Data.LoadFromEnumerable<EntityRow>([]).Schema, zip);
        var folder = Path.Combine(settings.Output, "huggingface");
        model.SavePretrained(folder);
        console.MarkupLineInterpolated($"Saved {zip} and {folder}.");
    }
}
