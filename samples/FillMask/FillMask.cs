using BertMl.Scoring;
using Microsoft.ML;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>Shows what a BERT predicts for the masked tokens of texts.</summary>
internal sealed class FillMask(IAnsiConsole console, string folder, BertFillMaskOptions options)
{
    /// <summary>Fills the masks of the texts, all in one pass; where there are none, of lines as they are typed or piped in.</summary>
    /// <returns>The exit code.</returns>
    public int Run(IReadOnlyList<string> texts)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no model in '{folder}'. Give the folder of a BERT by --checkpoint.");
        var ml = new MLContext();
        // The estimator learns nothing: rows are needed for their schema alone.
        using var transformer = ml.Transforms.Text.ApplyBertFillMask(folder, options).Fit(ml.Data.LoadFromEnumerable<Row>([]));
        foreach (
            var filled in ml.Data.CreateEnumerable<Filled>(
                transformer.Transform(ml.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }))),
                reuseRowObject: false
            )
        )
            Write(filled);
        if (texts.Count > 0)
            return 0;

        using var engine = ml.Model.CreatePredictionEngine<Row, Filled>(transformer, new PredictionEngineOptions { OwnsTransformer = false });
        foreach (var line in TypedLines.Read(console, "[dim]text with [[MASK]], or nothing to end[/] [blue]>[/] "))
            Write(engine.Predict(new() { Text = line }));
        return 0;
    }

    private void Write(Filled filled)
    {
        console.MarkupLineInterpolated($"[bold]{filled.Text}[/]");
        if (filled.PredictedTokens.Length == 0)
            console.MarkupLine("  [yellow]no [[MASK]] in it[/]");
        foreach (var mask in filled.PredictedTokens.Zip(filled.Score, filled.MaskIndex).GroupBy(prediction => prediction.Third))
            console.MarkupLineInterpolated($"  {mask.Key + 1}: {string.Join(", ", mask.Select(prediction => $"{prediction.First} {prediction.Second:P1}"))}");
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }

    private sealed class Filled
    {
        public string Text { get; set; } = "";
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];
        public int[] MaskIndex { get; set; } = [];
    }
}
