using Microsoft.Playwright;

namespace BertMl.EmbeddingMaps;

[TestClass]
public sealed class EmbeddingMapTests
{
    private static readonly EmbeddingMap Map = new(
        "[CLS] vectors by t-SNE",
        TSne.Fit(MapExamples.Vectors, new() { Perplexity = 20, Iterations = 400 }).Points,
        [.. MapExamples.Centres.Select(centre => $"class {centre}")],
        [.. Enumerable.Range(0, 200).Select(i => $"The text <{i}>, \"quoted\".")]
    );

    [TestMethod]
    [DataRow(1280, ColorScheme.Light)]
    [DataRow(360, ColorScheme.Dark)]
    public async Task The_page_shows_texts_and_hides_classes(int width, ColorScheme colours)
    {
        await using var browser = await Browser.StartAsync();
        using var folder = new TemporaryFolder();
        Map.SaveHtml(folder["map.html"]);
        var opened = await browser.OpenAsync(folder["map.html"], width, 900, colours);
        await opened.CheckAsync();
        var all = await opened.DrawnAsync(".scatter canvas");
        await opened.Page.GetByText("class 1 (50)").ClickAsync();
        Assert.AreNotEqual(all, await opened.DrawnAsync(".scatter canvas"), "The class is still drawn.");
        await opened.Page.Locator(".scatter canvas").FocusAsync();
        await opened.Page.Keyboard.PressAsync("ArrowRight");
        StringAssert.Matches(await opened.Page.Locator(".readout").TextContentAsync(), new("^class [023] The text <\\d+>, \"quoted\"\\.$"));
        await opened.CheckAsync();
        await opened.ScreenshotAsync($"map-{width}");
    }

    [TestMethod]
    public void The_map_is_saved_as_PNG_and_CSV()
    {
        using var folder = new TemporaryFolder();
        Map.SavePng(folder["map.png"]);
        Map.SaveCsv(folder["map.csv"]);
        var lines = File.ReadAllLines(folder["map.csv"]);
        Assert.HasCount(201, lines);
        Assert.AreEqual("x,y,label,text", lines[0]);
        StringAssert.EndsWith(lines[1], ",class 0,\"The text <0>, \"\"quoted\"\".\"");
        if (Environment.GetEnvironmentVariable("BERTML_SCREENSHOTS") is { Length: > 0 } screenshots)
            File.Copy(folder["map.png"], Path.Combine(screenshots, "chart-map.png"), overwrite: true);
    }

    [TestMethod]
    public void Bad_input_is_one_clear_error()
    {
        StringAssert.StartsWith(
            Assert
                .ThrowsExactly<ArgumentException>(() =>
                    new EmbeddingMap(
                        "",
                        [
                            [0, 1],
                        ],
                        ["a", "b"],
                        ["t"]
                    )
                )
                .Message,
            "There are 1 points, 2 labels and 1 texts: they must be as many."
        );
        StringAssert.StartsWith(
            Assert
                .ThrowsExactly<ArgumentException>(() =>
                    new EmbeddingMap(
                        "",
                        [
                            [0, double.NaN],
                        ],
                        ["a"],
                        ["t"]
                    )
                )
                .Message,
            "Point 0 must have two finite coordinates."
        );
    }
}
