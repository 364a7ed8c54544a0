using BertMl.Attention;
using BertMl.Pages;
using BertMl.Texts;

namespace BertMl.Samples;

/// <summary>Where attention goes, and which words decide.</summary>
internal sealed class AttentionSection()
    : Section(
        "21.8",
        "attention",
        "Attention",
        "To which tokens does each token attend, in the first, the middle and the last layer? And which words speak for the label?"
    )
{
    private const int MostTokens = 40;

    public override IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken)
    {
        context.RequireClassifier(cancellationToken);
        var row = context.Split.HeldOut[0];
        var rows = context.Ml.Data.LoadFromEnumerable([row]);
        using var model = context.Ml.Transforms.Text.ApplyBertAttentions(context.ClassifierFolder, new() { MaximumLength = MostTokens }).Fit(rows);
        var attentions = Attentions.Of(model.Compute(row.Text));
        yield return HtmlFragment.Paragraph($"The text: {row.Text}");
        yield return AttentionCharts
            .FirstMiddleLast(attentions)
            .ToHtml("A row is a token that attends, a column one that is attended to; the mean over the heads.");
        yield return AttentionPage.View(attentions);
        yield return HtmlFragment.Heading("What the heads do");
        yield return HtmlFragment.Paragraph(
            "Layer and head are counted from 0. Entropy is in nats: 0 where a token attends to one token alone. Distance is in tokens. The other columns are "
                + "the share of attention that goes to [CLS], to [SEP], to the token itself, to the one before it and to the one after it; "
                + "one token may be several of these."
        );
        yield return HtmlFragment.Table(
            ["Layer.head", "Entropy", "Mean distance", "[CLS]", "[SEP]", "Itself", "Previous", "Next"],
            [
                .. AttentionSummary
                    .Of(attentions, model.Tokenizer.ClsToken ?? "[CLS]", model.Tokenizer.SepToken ?? "[SEP]")
                    .Select(head =>
                        new[]
                        {
                            $"{head.Layer}.{head.Head}",
                            $"{head.Entropy:F2}",
                            $"{head.MeanDistance:F1}",
                            $"{head.MassOnCls:P0}",
                            $"{head.MassOnSep:P0}",
                            $"{head.MassOnSelf:P0}",
                            $"{head.MassOnPrevious:P0}",
                            $"{head.MassOnNext:P0}",
                        }
                    ),
            ]
        );
        yield return HtmlFragment.Heading("Why this label: integrated gradients");
        using var gradients = context.Ml.Transforms.Text.ApplyBertIntegratedGradients(context.ClassifierFolder).Fit(rows);
        foreach (var text in context.Split.HeldOut.Take(3).Select(example => example.Text))
            yield return MarkedText.Scores(gradients.Explain(text));
    }
}
