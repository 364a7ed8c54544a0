using BertMl.EmbeddingMaps;
using BertMl.Pages;
using BertMl.Scoring;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>How [CLS] separates the classes, before and after fine-tuning.</summary>
internal sealed class EmbeddingMapSection()
    : Section(
        "E21.3",
        "cls-maps",
        "Maps of [CLS]",
        "Each point is a held-out text, placed by its [CLS] vector of the last layer. Do the classes cluster before fine-tuning? And after it?"
    )
{
    private const int MostClasses = 8,
        SmallestMap = 32;

    public override IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken)
    {
        context.RequireClassifier(cancellationToken);
        var rows = context
            .Split.HeldOut.GroupBy(row => row.Label)
            .OrderByDescending(label => label.Count())
            .Take(MostClasses)
            .SelectMany(label => label.Take(context.Settings.TextsOfAClass))
            .ToArray();
        if (rows.Length < SmallestMap)
            throw new InvalidDataException($"A map needs {SmallestMap} held-out texts; there are {rows.Length}.");
        string[] labels = [.. rows.Select(row => row.Label)];
        var figures = new List<string[]>();
        foreach (var (when, folder) in ((string, string)[])[("before", context.Bert), ("after", context.ClassifierFolder)])
        {
            context.Console.MarkupLineInterpolated($"  {rows.Length} vectors {when} fine-tuning");
            var vectors = Vectors(context, folder, rows);
            var points = TSne.Fit(vectors, new() { Perplexity = Math.Min(30, (rows.Length - 1) / 3), Seed = context.Settings.Seed }, cancellationToken).Points;
            var map = new EmbeddingMap($"[CLS] {when} fine-tuning", points, labels, [.. rows.Select(row => row.Text)]);
            map.SaveCsv(Path.Combine(context.Settings.Output, $"cls-{when}.csv"));
            map.SavePng(Path.Combine(context.Settings.Output, $"cls-{when}.png"));
            figures.Add([when, $"{ClusterMetrics.Silhouette(vectors, labels):F3}", $"{ClusterMetrics.NearestNeighborAccuracy(vectors, labels):P1}"]);
            yield return HtmlFragment.Heading(map.Title);
            yield return map.ToHtml();
        }
        yield return HtmlFragment.Heading("In numbers");
        yield return HtmlFragment.Table(["Fine-tuning", "Silhouette", "Accuracy of the 5 nearest neighbours"], figures);
    }

    private static List<float[]> Vectors(LessonContext context, string folder, LabelledText[] rows)
    {
        var data = context.Ml.Data.LoadFromEnumerable(rows);
        using var model = context.Ml.Transforms.Text.ApplyBertEmbeddings(folder, new() { Pooling = EmbeddingPooling.Cls }).Fit(data);
        return [.. context.Ml.Data.CreateEnumerable<Embedded>(model.Transform(data), reuseRowObject: false).Select(row => row.Features)];
    }

    private sealed class Embedded
    {
        public float[] Features { get; set; } = [];
    }
}
