using BertMl.Pages;

namespace BertMl.Attention;

/// <summary>
/// Attention as an interactive page that opens from disk: the head view (tokens joined by lines, layer and heads chosen) and the model view (all layers and
/// heads at a glance). The views follow BertViz (Vig 2019, "A Multiscale Visualization of Attention in the Transformer Model").
/// </summary>
public static class AttentionPage
{
    // A weight is a byte, 255 times its square root: so small ones, which are the most, keep their differences.
    private const int Levels = 255;

    /// <summary>Writes the page into one file.</summary>
    /// <param name="path">The file; its folder is made where it does not exist.</param>
    /// <param name="attentions">What to show.</param>
    /// <param name="options">Title and size; null for the defaults.</param>
    /// <exception cref="ArgumentException">The text is longer than the options allow.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, Attentions attentions, AttentionPageOptions? options = null) => Create(attentions, options).Save(path);

    /// <summary>The page.</summary>
    /// <param name="attentions">What to show.</param>
    /// <param name="options">Title and size; null for the defaults.</param>
    /// <exception cref="ArgumentException">The text is longer than the options allow.</exception>
    public static HtmlPage Create(Attentions attentions, AttentionPageOptions? options = null)
    {
        options ??= new();
        var view = View(attentions, options);
        var cut =
            attentions.LengthOfText > Math.Min(attentions.Length, options.MaximumTokens)
                ? $" Only the first {Math.Min(attentions.Length, options.MaximumTokens)} of the text's {attentions.LengthOfText} tokens are shown."
                : "";
        return new HtmlPage(
            options.Title,
            $"A line joins a token on the left to a token on the right that it attends to; the stronger the line, the greater the weight.{cut}"
        ).Add(view);
    }

    /// <summary>The two views, for a page of one's own.</summary>
    /// <param name="attentions">What to show.</param>
    /// <param name="options">Size; null for the defaults.</param>
    /// <exception cref="ArgumentException">The text is longer than the options allow.</exception>
    public static HtmlFragment View(Attentions attentions, AttentionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(attentions);
        options ??= new();
        if (attentions.Length > options.MaximumTokens && !options.Truncate)
            throw new ArgumentException(
                $"The text has {attentions.Length} tokens; the page is made for at most {options.MaximumTokens}. "
                    + $"Set {nameof(AttentionPageOptions.Truncate)} to show the first ones, or raise {nameof(AttentionPageOptions.MaximumTokens)}.",
                nameof(attentions)
            );
        var shown = attentions.Truncate(options.MaximumTokens);
        var levels = new byte[shown.Values.Length];
        for (var i = 0; i < levels.Length; i++)
            levels[i] = (byte)Math.Round(Levels * Math.Sqrt(Math.Min(1, shown.Values[i])));
        var data = PageData.Element(
            new
            {
                shown.Tokens,
                Layers = shown.LayerIndices,
                shown.Heads,
                shown.SentenceBStart,
                Weights = PageData.Pack(levels),
            }
        );
        return new($"<section class=\"attention panel\">{data}</section>")
        {
            Styles = ["attention.css"],
            Scripts = ["attention-weights.js", "head-view.js", "model-view.js", "attention.js"],
        };
    }
}

/// <summary>Title and size of an attention page.</summary>
public sealed record AttentionPageOptions
{
    /// <summary>The page's heading.</summary>
    public string Title { get; init; } = "Attention";

    /// <summary>
    /// The largest number of tokens. The page grows with its square: 12 layers x 12 heads x 128 tokens, the default, are about 2 MB; 512 tokens would be 16
    /// times that.
    /// </summary>
    public int MaximumTokens { get; init; } = 128;

    /// <summary>Show the first tokens of a longer text, and say so? Otherwise it is an error.</summary>
    public bool Truncate { get; init; }
}
