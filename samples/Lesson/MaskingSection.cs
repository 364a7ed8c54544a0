using System.Globalization;
using BertMl.Masking;
using BertMl.Pages;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Samples;

/// <summary>What masking does to sentences, and what the model makes of the gaps.</summary>
internal sealed class MaskingSection()
    : Section(
        "21.2",
        "masking",
        "Masking",
        "BERT learns by filling gaps: some tokens become [MASK], some another token, some stay, and all of them are to be predicted."
    )
{
    private const int ShownTexts = 3;
    private const int MaximumLength = 64;

    // Shorter texts may have no chosen token at all; longer ones fill the page.
    private const int ShortestShown = 25;
    private const int LongestShown = 45;

    public override IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken)
    {
        var tokenizer = PretrainedTokenizer.Load(context.Bert);
        if (tokenizer.MaskTokenId is null)
            throw new InvalidDataException($"The tokenizer in '{context.Bert}' has no [MASK]: it is not one of a masked language model.");
        string[] all = [.. context.Split.HeldOut.Select(row => row.Text)];
        var shown = Shown(all, tokenizer);
        yield return HtmlFragment.Paragraph(
            "[CLS] begins each row and [SEP] ends it; they are never masked. A word that the vocabulary lacks is split into pieces, of which all but the first "
                + "begin with ##. Below each heading the same three texts are masked in another way; what is to be predicted is listed beside them, with what "
                + "each token became."
        );
        var numbers = new List<string[]>();
        foreach (var strategy in Enum.GetValues<MaskingStrategy>())
        {
            yield return HtmlFragment.Heading($"{strategy}: {Describe(strategy)}");
            yield return HtmlFragment.Table(
                ["Text", "Masked", "To be predicted"],
                [
                    .. Mask(context, tokenizer, shown, strategy)
                        .Select(row => new[] { Tokens(row.Ids, tokenizer), Tokens(row.Masked, tokenizer), Predicted(row, tokenizer) }),
                ]
            );
            numbers.Add(MaskingCounts.Of(Mask(context, tokenizer, all, strategy), tokenizer).Row($"{strategy}"));
        }
        yield return HtmlFragment.Heading($"The same in numbers: {all.Length:N0} texts");
        yield return HtmlFragment.Table(MaskingCounts.Columns, numbers);
        yield return HtmlFragment.Paragraph(
            "Of the tokens 15 % are chosen; of those 80 % become [MASK], 10 % a random token, and 10 % stay, so that the model cannot know which tokens it is "
                + "asked for. A word of which a piece is left is easy to complete: whole words and spans leave none."
        );
        yield return HtmlFragment.Heading("What the model puts into the gaps");
        yield return HtmlFragment.Table(["Text", "Hidden", "First", "Second", "Third"], Filled(context, shown, tokenizer.MaskToken!));
    }

    private static string Describe(MaskingStrategy strategy) =>
        strategy switch
        {
            MaskingStrategy.Uniform => "each token is chosen by itself",
            MaskingStrategy.WholeWord => "all pieces of a word are chosen, or none",
            MaskingStrategy.Span => "runs of words are chosen",
            _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "There is no word for it."),
        };

    // Texts whose words have many pieces show how strategies differ.
    private static string[] Shown(string[] texts, PretrainedTokenizer tokenizer) =>
        [
            .. texts
                .Select(text => (Text: text, tokenizer.Encode(text).Ids))
                .OrderByDescending(text => text.Ids.Length is >= ShortestShown and <= LongestShown)
                .ThenByDescending(text => text.Ids.Count(id => !tokenizer.SpecialTokenIds.Contains(id) && !tokenizer.StartsWord(id)))
                .Take(ShownTexts)
                .Select(text => text.Text),
        ];

    private static MaskedText[] Mask(LessonContext context, PretrainedTokenizer tokenizer, string[] texts, MaskingStrategy strategy)
    {
        var rows = context.Ml.Data.LoadFromEnumerable(texts.Select(text => new LabelledText { Text = text, Label = "" }).ToArray());
        var pipeline = context
            .Ml.Transforms.Text.TokenizeIntoSubwords("input_ids", context.Bert, inputColumnName: "Text", maximumLength: MaximumLength)
            .Append(context.Ml.Transforms.Text.MaskTokens(tokenizer, masking: new() { Strategy = strategy }, seed: context.Settings.Seed));
        return [.. context.Ml.Data.CreateEnumerable<MaskedText>(pipeline.Fit(rows).Transform(rows), reuseRowObject: false)];
    }

    private static string Predicted(MaskedText row, PretrainedTokenizer tokenizer)
    {
        var chosen = Enumerable.Range(0, row.Ids.Length).Where(i => row.IsChosen(i)).Select(i => $"\"{Token(row.Ids[i])}\" ({Became(i)})").ToList();
        return chosen.Count == 0 ? "none, by chance" : string.Join(", ", chosen);

        string Token(long id) => tokenizer.Vocabulary[(int)id];
        string Became(int i) =>
            row.Masked[i] == tokenizer.MaskTokenId ? tokenizer.MaskToken!
            : row.Masked[i] == row.Ids[i] ? "stays"
            : $"becomes \"{Token(row.Masked[i])}\"";
    }

    private static string Tokens(IEnumerable<long> ids, PretrainedTokenizer tokenizer) => string.Join(' ', ids.Select(id => tokenizer.Vocabulary[(int)id]));

    // A word in the middle of each text is masked.
    private static string[][] Filled(LessonContext context, string[] texts, string mask)
    {
        var gaps = texts
            .Select(text => text.Split(' '))
            .Select(words => (Hidden: words[words.Length / 2], Text: string.Join(' ', words.Select((word, i) => i == words.Length / 2 ? mask : word))))
            .ToList();
        var rows = context.Ml.Data.LoadFromEnumerable(gaps.Select(gap => new LabelledText { Text = gap.Text, Label = "" }).ToArray());
        using var model = context.Ml.Transforms.Text.ApplyBertFillMask(context.Bert, new() { TopK = 3 }).Fit(rows);
        return
        [
            .. context
                .Ml.Data.CreateEnumerable<FilledText>(model.Transform(rows), reuseRowObject: false)
                .Zip(gaps)
                .Select(pair => (string[])[pair.Second.Text, pair.Second.Hidden, .. pair.First.Best()]),
        ];
    }

    private sealed class FilledText
    {
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];

        public IEnumerable<string> Best() => PredictedTokens.Zip(Score).Select(pair => $"{pair.First}\u00A0{100 * pair.Second:F0}\u00A0%");
    }
}
