using BertMl.Pages;

namespace BertMl.Samples;

/// <summary>Why a BERT, and not a GPT: the sample BertVersusGpt with fewer texts.</summary>
internal sealed class BertVersusGptSection()
    : Section(
        "E21.1",
        "bert-gpt",
        "BERT against GPT",
        "A BERT and a GPT classify the same texts: without examples, with a few examples in the prompt, and fine-tuned. Which is right more often?"
    )
{
    private const int TestRows = 200;

    public override IEnumerable<HtmlFragment> Run(LessonContext context, CancellationToken cancellationToken)
    {
        var lesson = context.Settings;
        var settings = new VersusSettings
        {
            Data = lesson.Data,
            Bert = lesson.Bert,
            Gpt = lesson.Gpt,
            TestRows = TestRows,
            TrainingRows = lesson.Rows,
            Epochs = lesson.Epochs,
            Seed = lesson.Seed,
        };
        foreach (var fragment in VersusPage.Fragments(new VersusExperiment(context.Console, settings).Run(cancellationToken)))
            yield return fragment;
        yield return HtmlFragment.Paragraph(
            $"{TestRows} texts show large differences only. The whole experiment, with options for prompt and words, is samples/BertVersusGpt."
        );
    }
}
