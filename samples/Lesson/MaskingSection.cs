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
    public override IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken)
    {
        var tokenizer = PretrainedTokenizer.Load(context.Bert);
        if (tokenizer.MaskTokenId is null)
            throw new InvalidDataException($"The tokenizer in '{context.Bert}' has no [MASK]: it is not one of a masked language model.");
        string[] texts = [.. context.Split.HeldOut.Take(3).Select(row => row.Text)];
        var rows = context.Ml.Data.LoadFromEnumerable(texts.Select(text => new LabelledText { Text = text, Label = "" }).ToArray());
        foreach (var strategy in Enum.GetValues<MaskingStrategy>())
        {
            var pipeline = context
                .Ml.Transforms.Text.TokenizeIntoSubwords("input_ids", context.Bert, inputColumnName: "Text", maximumLength: 64)
                .Append(context.Ml.Transforms.Text.MaskTokens(tokenizer, masking: new() { Strategy = strategy }, seed: context.Settings.Seed));
            var masked = context.Ml.Data.CreateEnumerable<Masked>(pipeline.Fit(rows).Transform(rows), reuseRowObject: false);
            yield return HtmlFragment.Heading($"{strategy}: 15 % of the tokens are chosen; 80 % of them become [MASK], 10 % a random token, 10 % stay");
            yield return HtmlFragment.Table(
                ["Masked", "To be predicted"],
                [.. masked.Select(row => new[] { Tokens(row.Ids), Tokens(row.Labels.Where(id => id >= 0)) })]
            );
        }
        yield return HtmlFragment.Heading("What the model puts into the gaps");
        yield return HtmlFragment.Table(["Text", "First", "Second", "Third"], Filled(context, texts, tokenizer.MaskToken!));

        string Tokens(IEnumerable<long> ids) => string.Join(' ', ids.Select(id => tokenizer.Vocabulary[(int)id]));
    }

    // A word in the middle of each text is masked.
    private static string[][] Filled(LessonContext context, string[] texts, string mask)
    {
        string[] gaps =
        [
            .. texts.Select(text => text.Split(' ')).Select(words => string.Join(' ', words.Select((word, i) => i == words.Length / 2 ? mask : word))),
        ];
        var rows = context.Ml.Data.LoadFromEnumerable(gaps.Select(text => new LabelledText { Text = text, Label = "" }).ToArray());
        using var model = context.Ml.Transforms.Text.ApplyBertFillMask(context.Bert, new() { TopK = 3 }).Fit(rows);
        return
        [
            .. context
                .Ml.Data.CreateEnumerable<Predicted>(model.Transform(rows), reuseRowObject: false)
                .Select(row => (string[])[row.Text, .. row.PredictedTokens.Zip(row.Score).Select(pair => $"{pair.First} {pair.Second:P0}")]),
        ];
    }

    private sealed class Masked
    {
        [ColumnName("masked_input_ids")]
        public long[] Ids { get; set; } = [];

        [ColumnName("labels")]
        public long[] Labels { get; set; } = [];
    }

    private sealed class Predicted
    {
        public string Text { get; set; } = "";
        public string[] PredictedTokens { get; set; } = [];
        public float[] Score { get; set; } = [];
    }
}
