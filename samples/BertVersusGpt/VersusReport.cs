using System.Text.Json;
using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>What a run writes: a page for people, and the figures as JSON.</summary>
internal static class VersusReport
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes index.html and results.json.</summary>
    /// <returns>The page.</returns>
    public static string Write(VersusOutcome outcome)
    {
        var settings = outcome.Settings;
        Directory.CreateDirectory(settings.Output);
        var rows = outcome.Results.Select(result => new
        {
            result.Model,
            result.Way,
            result.LabelledTexts,
            result.Correct,
            result.Count,
            result.Accuracy,
            result.Interval.Lower,
            result.Interval.Upper,
            result.MillisecondsAText,
            TrainingSeconds = result.TrainingTime.TotalSeconds,
        });
        File.WriteAllText(Path.Combine(settings.Output, "results.json"), JsonSerializer.Serialize(rows, _json) + "\n");
        var page = Path.Combine(settings.Output, "index.html");
        new Report(
            "BERT against GPT",
            $"The same {outcome.Task.Test.Count:N0} texts, classified by {settings.BertName} and by {settings.GptName}, each in several ways."
        )
            .Add("What came out", VersusPage.Fragments(outcome))
            .Add("The run", HtmlFragment.Facts(Report.RunFacts.Append(("Seed", $"{settings.Seed}"))))
            .Save(page);
        return page;
    }
}
