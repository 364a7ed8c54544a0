using BertMl.Attention;
using BertMl.Charts;
using BertMl.Texts;
using Microsoft.Playwright;

namespace BertMl.Pages;

[TestClass]
public sealed class ReportTests
{
    private const string Sentence = "Ada Lovelace wrote to Charles Babbage in London.";

    [TestMethod]
    [DataRow(1280, ColorScheme.Light)]
    [DataRow(360, ColorScheme.Dark)]
    public async Task A_report_of_every_component_is_readable(int width, ColorScheme colours)
    {
        await using var browser = await Browser.StartAsync();
        using var folder = new TemporaryFolder();
        Example().Save(folder["report.html"]);
        var opened = await browser.OpenAsync(folder["report.html"], width, 900, colours);
        await opened.Page.Locator(".attention[data-ready]").WaitForAsync();
        await opened.CheckAsync();
        Assert.AreEqual(6, await opened.Page.Locator("main > section > h2").CountAsync());
        Assert.IsTrue(await opened.Page.Locator(colours == ColorScheme.Light ? ".chart .light" : ".chart .dark").First.IsVisibleAsync());
        Assert.IsFalse(await opened.Page.Locator(colours == ColorScheme.Light ? ".chart .dark" : ".chart .light").First.IsVisibleAsync());
        await opened.ScreenshotAsync($"report-{width}");
        await opened.Page.Locator(".theme-button").ClickAsync();
        await opened.CheckAsync();
    }

    [TestMethod]
    public void Text_from_outside_is_encoded()
    {
        var html = new Report("<t>", "<c>")
            .Add(
                "<s>",
                HtmlFragment.Paragraph("<p>"),
                HtmlFragment.Table(
                    ["<h>"],
                    [
                        ["<r>"],
                    ]
                )
            )
            .ToPage()
            .ToHtml();
        foreach (var name in "tcshr")
            Assert.IsFalse(html.Contains($"<{name}>", StringComparison.Ordinal));
        Assert.IsFalse(HtmlFragment.Code("</code><script>").Markup.Contains("<script>", StringComparison.Ordinal));
    }

    [TestMethod]
    public void A_row_of_another_width_is_named()
    {
        StringAssert.StartsWith(
            Assert
                .ThrowsExactly<ArgumentException>(() =>
                    HtmlFragment.Table(
                        ["a", "b"],
                        [
                            ["1", "2"],
                            ["1"],
                        ]
                    )
                )
                .Message,
            "Row 1 has 1 cells; the table has 2 columns."
        );
    }

    private static Report Example() =>
        new Report("Report", "Everything that a report can hold.")
            .Add(
                "Run",
                HtmlFragment.Paragraph("What was run:"),
                HtmlFragment.Code("dotnet run --project samples/QuickStart -c Release"),
                HtmlFragment.Facts(Report.RunFacts)
            )
            .Add(
                "Accuracy",
                HtmlFragment.Table(
                    ["Classifier", "micro", "macro", "training"],
                    [
                        ["BertMl", "0.7950", "0.7580", "203.0 s"],
                        ["the largest class, always", "0.2090", "", ""],
                    ]
                )
            )
            .Add(
                "Learning",
                new CurveChart("Loss", "epoch", "loss", [new("training", [1, 2, 3], [2, 1.2, 0.9]), new("validation", [1, 2, 3], [1.6, 1.2, 1.1])]).ToHtml(
                    "Less is better."
                )
            )
            .Add(
                "Why this label",
                MarkedText.Scores("A charming but slow journey.", [new(2, 10, 0.9), new(11, 14, -0.2), new(15, 19, -0.7), new(20, 27, 0.3)], "positive")
            )
            .Add("Entities", MarkedText.Entities(Sentence, [new("PER", 0.99f, 0, 12), new("PER", 0.98f, 22, 37), new("LOC", 0.97f, 41, 47)]))
            .Add("Attention", AttentionPage.View(AttentionExamples.Create(AttentionExamples.Pair, 2, 4)));

    [TestMethod]
    public void A_part_of_a_page_is_kept_for_later()
    {
        using var folder = new TemporaryFolder();
        var fragment = HtmlFragment.Concat(
            HtmlFragment.Table(
                ["a"],
                [
                    ["<b>"],
                ]
            ),
            HtmlFragment.Code("x")
        );
        fragment.Save(folder["part.json"]);
        var loaded = HtmlFragment.Load(folder["part.json"]);
        Assert.AreEqual(new HtmlPage("t", "c").Add(fragment).ToHtml(), new HtmlPage("t", "c").Add(loaded).ToHtml());
        File.WriteAllText(folder["part.json"], "{}");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => HtmlFragment.Load(folder["part.json"])).Message, "part.json");
        File.WriteAllText(folder["part.json"], "<p>");
        Assert.ThrowsExactly<InvalidDataException>(() => HtmlFragment.Load(folder["part.json"]));
    }
}
