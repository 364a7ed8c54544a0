using Microsoft.Playwright;

namespace BertMl.Attention;

[TestClass]
public sealed class AttentionPageTests
{
    [TestMethod]
    [DataRow(1280, ColorScheme.Light)]
    [DataRow(360, ColorScheme.Dark)]
    public async Task Both_views_draw_what_is_chosen(int width, ColorScheme colours)
    {
        await using var browser = await Browser.StartAsync();
        using var folder = new TemporaryFolder();
        AttentionPage.Save(folder["pair.html"], AttentionExamples.Create(AttentionExamples.Pair, 4, 12, AttentionExamples.PairSecond));
        var opened = await browser.OpenAsync(folder["pair.html"], width, 900, colours);
        var page = opened.Page;
        await page.Locator(".attention[data-ready]").WaitForAsync();
        await opened.CheckAsync();
        await opened.ScreenshotAsync($"heads-{width}");

        const string lines = ".columns canvas";
        var first = await opened.DrawnAsync(lines);
        await Group("Layer").GetByText("2", new() { Exact = true }).ClickAsync();
        var second = await opened.DrawnAsync(lines);
        Assert.AreNotEqual(first, second, "Another layer is drawn as the first one.");
        await Group("Heads").GetByText("3", new() { Exact = true }).ClickAsync();
        var without = await opened.DrawnAsync(lines);
        Assert.AreNotEqual(second, without, "A head that was taken away is still drawn.");

        await page.Locator(".from .token").Nth(2).HoverAsync();
        StringAssert.StartsWith(await page.Locator(".summary").TextContentAsync(), "cat attends most to: ");
        Assert.AreNotEqual(without, await opened.DrawnAsync(lines));
        await opened.ScreenshotAsync($"heads-token-{width}");
        await page.Locator(".from .token").Nth(2).FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        StringAssert.StartsWith(await page.Locator(".summary").TextContentAsync(), "sat attends most to: ");
        await page.Keyboard.PressAsync("Escape");

        await page.GetByLabel("Show").SelectOptionAsync("AB");
        Assert.AreEqual(AttentionExamples.PairSecond, await page.Locator(".from .token").CountAsync());
        Assert.AreEqual(AttentionExamples.Pair.Count - AttentionExamples.PairSecond, await page.Locator(".to .token").CountAsync());

        await Group("View").GetByText("Model").ClickAsync();
        Assert.AreEqual(48, await page.Locator(".grid button").CountAsync());
        await opened.CheckAsync();
        await opened.ScreenshotAsync($"model-lines-{width}");
        const string thumbnail = ".grid button canvas";
        var thumbnailLines = await opened.DrawnAsync(thumbnail);
        await Group("Pictures").GetByText("Matrices").ClickAsync();
        Assert.AreNotEqual(thumbnailLines, await opened.DrawnAsync(thumbnail));
        await opened.ScreenshotAsync($"model-matrices-{width}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Layer 1, head 5", Exact = true }).ClickAsync();
        Assert.AreEqual("Layer 1, head 5", await page.Locator("dialog h2").TextContentAsync());
        var dialog = await opened.DrawnAsync("dialog canvas");
        await opened.ScreenshotAsync($"dialog-{width}", fullPage: false);
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.AreEqual("Layer 1, head 6", await page.Locator("dialog h2").TextContentAsync());
        Assert.AreNotEqual(dialog, await opened.DrawnAsync("dialog canvas"));
        await page.GetByText("Show in the head view").ClickAsync();
        StringAssert.Contains(await page.Locator(".summary").TextContentAsync(), "Layer 1, head 6.");

        await page.Locator(".theme-button").ClickAsync();
        await opened.CheckAsync();
        await opened.ScreenshotAsync($"heads-other-theme-{width}");

        ILocator Group(string name) => page.GetByRole(AriaRole.Group, new() { Name = name, Exact = true });
    }

    [TestMethod]
    public async Task A_page_of_BERT_base_and_128_tokens_is_at_most_12_MB()
    {
        await using var browser = await Browser.StartAsync();
        using var folder = new TemporaryFolder();
        var tokens = Enumerable.Range(0, 128).Select(i => $"token{i}").ToList();
        AttentionPage.Save(folder["base.html"], AttentionExamples.Create(tokens, 12, 12));
        Assert.IsLessThanOrEqualTo(12_000_000, new FileInfo(folder["base.html"]).Length);
        var opened = await browser.OpenAsync(folder["base.html"]);
        var milliseconds = await opened.Page.Locator(".attention[data-ready]").GetAttributeAsync("data-ready");
        Console.WriteLine($"{new FileInfo(folder["base.html"]).Length / 1e6:F1} MB, drawn {milliseconds} ms after the browser was asked for it");
        await opened.ScreenshotAsync("base-heads", fullPage: false);
        await opened.Page.GetByText("Model", new() { Exact = true }).ClickAsync();
        await opened.CheckAsync();
        await opened.ScreenshotAsync("base-model");
    }

    [TestMethod]
    public void The_page_holds_the_weights_and_no_text_ends_its_script()
    {
        var html = AttentionPage.Create(AttentionExamples.Create(["[CLS]", "</script><b>", "[SEP]"], 1, 1), new() { Title = "<i>" }).ToHtml();
        Assert.IsFalse(html.Contains("</script><b>", StringComparison.Ordinal));
        StringAssert.Contains(html, "<h1>&lt;i&gt;</h1>", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_text_that_is_too_long_is_refused_or_cut_by_choice()
    {
        var attentions = AttentionExamples.Create(AttentionExamples.Pair, 1, 1, AttentionExamples.PairSecond);
        var error = Assert.ThrowsExactly<ArgumentException>(() => AttentionPage.Create(attentions, new() { MaximumTokens = 10 }));
        StringAssert.Contains(error.Message, "The text has 22 tokens; the page is made for at most 10.", StringComparison.Ordinal);
        var html = AttentionPage.Create(attentions, new() { MaximumTokens = 10, Truncate = true }).ToHtml();
        StringAssert.Contains(html, "Only the first 10 of the text&#39;s 22 tokens are shown.", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_folder_that_cannot_be_made_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        var error = Assert.ThrowsExactly<IOException>(() =>
            AttentionPage.Save(Path.Combine(folder["file"], "page.html"), AttentionExamples.Create(["a"], 1, 1))
        );
        StringAssert.Contains(error.Message, folder["file"], StringComparison.Ordinal);
    }
}
