using System.Diagnostics;
using BertMl.Pages;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>The tour: does the sections that are not done yet, and makes one page of all that are.</summary>
internal sealed class Lesson(IAnsiConsole console, LessonSettings settings)
{
    private string DoneFolder => Path.Combine(settings.Output, "sections");

    /// <returns>The exit code.</returns>
    public int Run(CancellationToken cancellationToken)
    {
        var sections = Section.Find(settings.Only);
        Inputs.CheckPaths(settings.Data);
        Inputs.CheckModels(settings.Bert ?? ShippedModel.Folder, settings.Gpt ?? ShippedModel.GptFolder);
        OpenFolder();
        var context = new LessonContext(console, settings);
        foreach (var section in sections)
        {
            if (!settings.Again && File.Exists(Done(section)))
            {
                console.MarkupLineInterpolated($"[dim]{section.Title}: done before.[/]");
                continue;
            }
            console.MarkupLineInterpolated($"[bold]{section.Title}[/]");
            cancellationToken.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            var content = HtmlFragment.Concat([
                HtmlFragment.Paragraph(section.Question),
                .. section.Run(context, cancellationToken),
                HtmlFragment.Heading("Run it alone"),
                HtmlFragment.Code($"dotnet run --project samples/Lesson -c Release -- --again --only {section.Number}{Options()}"),
                HtmlFragment.Facts([("Time", $"{Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s")]),
            ]);
            Directory.CreateDirectory(DoneFolder);
            content.Save(Done(section));
            WritePage();
        }
        WritePage();
        console.MarkupLineInterpolated($"The lesson is in [bold]{PagePath}[/].");
        return 0;
    }

    private string PagePath => Path.Combine(settings.Output, "index.html");

    private string Done(Section section) => Path.Combine(DoneFolder, section.Name + ".json");

    // Figures of other settings do not belong into one page.
    private void OpenFolder()
    {
        var path = Path.Combine(settings.Output, "settings.txt");
        var done = File.Exists(path) ? File.ReadAllLines(path) : settings.Decisive;
        if (!done.SequenceEqual(settings.Decisive))
            throw new ArgumentException(
                $"'{settings.Output}' holds a lesson of other settings ({string.Join(", ", done.Except(settings.Decisive))}; now "
                    + $"{string.Join(", ", settings.Decisive.Except(done))}): delete it, or choose another folder by --output."
            );
        Directory.CreateDirectory(settings.Output);
        File.WriteAllLines(path, settings.Decisive);
    }

    private string Options()
    {
        var defaults = new LessonSettings();
        var given = settings.Decisive.Zip(defaults.Decisive).Where(pair => pair.First != pair.Second).Select(pair => $" {pair.First}");
        return string.Concat(given) + (settings.Output == defaults.Output ? "" : $" --output {settings.Output}");
    }

    private void WritePage()
    {
        var report = new Report("BERT, a lesson", $"What was run, what came out, and how to run it alone; from {LessonContext.Describe(settings)}.");
        foreach (var section in Section.All.Where(section => File.Exists(Done(section))))
            report.Add(section.Title, HtmlFragment.Load(Done(section)));
        report.Add("The run", HtmlFragment.Facts(Report.RunFacts)).Save(PagePath);
    }
}
