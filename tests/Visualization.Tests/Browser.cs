using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace BertMl;

/// <summary>The system's Chromium, driven by Playwright. A test is inconclusive, saying why, where there is none.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Browser> StartAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var path = Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Inconclusive($"Skipped: no browser ({string.Join(", ", Names)}) is on the path.");
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox"] }));
    }

    /// <summary>Opens a file, and waits until nothing is going on any more.</summary>
    public async Task<OpenedPage> OpenAsync(string path, int width = 1280, int height = 900, ColorScheme colours = ColorScheme.Light)
    {
        var context = await _browser.NewContextAsync(
            new()
            {
                ViewportSize = new() { Width = width, Height = height },
                ColorScheme = colours,
            }
        );
        var opened = new OpenedPage(await context.NewPageAsync());
        await opened.Page.GotoAsync(new Uri(path).AbsoluteUri, new() { WaitUntil = WaitUntilState.Load });
        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>A page in the browser, and what it wrote on the console and asked of the network.</summary>
internal sealed class OpenedPage
{
    private readonly List<string> _messages = [];
    private readonly List<string> _requests = [];

    public OpenedPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) => _messages.Add(message.Text);
        page.PageError += (_, error) => _messages.Add(error);
        page.Request += (_, request) => _requests.Add(request.Url);
    }

    public IPage Page { get; }

    /// <summary>
    /// The page is silent, asks only for its own file, is no wider than the window, and axe-core finds nothing to complain of: contrast, names, roles.
    /// </summary>
    public async Task CheckAsync()
    {
        Assert.IsEmpty(_messages, string.Join('\n', _messages));
        var foreign = _requests.Where(url => !url.StartsWith("data:", StringComparison.Ordinal) && !url.StartsWith("blob:", StringComparison.Ordinal)).ToList();
        Assert.HasCount(1, foreign, string.Join('\n', foreign));
        var (content, window) = (await WidthAsync("scrollWidth"), await WidthAsync("clientWidth"));
        Assert.IsLessThanOrEqualTo(window, content, "The page must be scrolled sideways.");
        var violations = (await Page.RunAxe()).Violations;
        Assert.IsEmpty(violations, string.Join('\n', violations.Select(Describe)));
    }

    /// <summary>What is drawn on a canvas, as text: another picture is another text.</summary>
    public Task<string> DrawnAsync(string selector) => Page.EvaluateAsync<string>("selector => document.querySelector(selector).toDataURL()", selector);

    /// <summary>Writes a screenshot for people to the folder that the variable BERTML_SCREENSHOTS names, where it is set.</summary>
    public async Task ScreenshotAsync(string name, bool fullPage = true)
    {
        if (Environment.GetEnvironmentVariable("BERTML_SCREENSHOTS") is { Length: > 0 } folder)
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = fullPage });
    }

    private Task<int> WidthAsync(string property) => Page.EvaluateAsync<int>($"document.documentElement.{property}");

    private static string Describe(AxeResultItem item) => $"{item.Id}: {item.Help}: {string.Join(" | ", item.Nodes.Take(3).Select(node => node.Html))}";
}
