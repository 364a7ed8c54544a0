using BertMl.Pages;
using static System.FormattableString;

namespace BertMl.Samples;

/// <summary>The figures of the experiment, and what they answer.</summary>
internal static class VersusPage
{
    /// <summary>Tables and answers, for a page of their own or a section of another.</summary>
    public static IEnumerable<HtmlFragment> Fragments(VersusOutcome outcome)
    {
        var (settings, task) = (outcome.Settings, outcome.Task);
        yield return HtmlFragment.Facts([
            ("Texts", task.Source),
            ("Labels", Invariant($"{task.Labels.Count}")),
            ("Test texts", Invariant($"{task.Test.Count:N0}, from which no model has learned")),
            ("BERT", settings.BertName),
            ("GPT", settings.GptName),
            ("Prompt", task.Prompt.ToString()),
        ]);
        yield return HtmlFragment.Table(
            ["Model", "Way", "Labelled texts seen", "Accuracy", "95 % interval", "Milliseconds a text", "Seconds of training"],
            [.. outcome.Results.Select(Row)]
        );
        yield return HtmlFragment.Paragraph(
            "The interval is Wilson's. Two ways differ where their intervals lie apart; where they overlap much, more texts are needed to tell. "
                + "\"Calibrated\" is contextual calibration (Zhao et al. 2021): each label's probability is divided by the one that the model gives it "
                + $"for texts without content ({string.Join(", ", LabelScores.WithoutContent.Select(text => $"\"{text}\""))}), its prior. "
                + "A mask stands for one token. Where none of a label's words is a single token, the first piece of its first word is looked for."
        );
        yield return HtmlFragment.Heading("What the GPT prefers before it has read a text");
        yield return HtmlFragment.Table(
            ["Label", "Words", "Prior"],
            [
                .. task
                    .Words.Zip(outcome.GptPrior)
                    .OrderByDescending(label => label.Second)
                    .Select(label => new[] { label.First.Label, string.Join(", ", label.First.Words), Invariant($"{label.Second:P1}") }),
            ]
        );
        foreach (var (question, answer) in Answers(outcome))
        {
            yield return HtmlFragment.Heading(question);
            yield return HtmlFragment.Paragraph(answer);
        }
    }

    /// <summary>The lesson's questions, answered from the figures.</summary>
    public static IEnumerable<(string Question, string Answer)> Answers(VersusOutcome outcome)
    {
        var (bert, gpt) = (outcome.Of(VersusKind.BertFineTuned), outcome.Of(VersusKind.GptFineTuned));
        var (continuation, calibrated) = (outcome.Of(VersusKind.GptContinuation), outcome.Of(VersusKind.GptContinuation, calibrated: true));
        var (shots, largest) = (outcome.Of(VersusKind.GptFewShot), outcome.Of(VersusKind.Largest));
        var bertZero = Best(outcome, VersusKind.BertFillMask, VersusKind.BertPseudoLikelihood);
        var gptZero = Best(outcome, VersusKind.GptContinuation);
        yield return (
            "1. Does the fine-tuned BERT beat the GPT that was only asked?",
            $"{Sentence(Compare(bert, continuation))} Calibrated, the GPT that was only asked is right for {Share(calibrated)} of the texts; "
                + $"whoever always says the most frequent label is right for {Share(largest)}."
        );
        yield return (
            "2. Is that because BERT reads in both directions, or because it has seen labels?",
            $"Where both have learned from labels: {Compare(bert, gpt)} Where neither has, each in its best way: {Compare(bertZero, gptZero)} "
                + $"Learning from labels changes the BERT's accuracy by {Points(bert, bertZero)} and the GPT's by {Points(gpt, gptZero)}."
        );
        var better = shots.Accuracy > continuation.Accuracy ? "more" : "not more";
        yield return (
            "3. When would one take the GPT all the same?",
            Invariant($"Where there are few labelled texts, or none. With {outcome.MeanShots:0.#} of them in the prompt it is right for {Share(shots)}, ")
                + $"{better} than with none. "
                + Invariant($"It needs {continuation.MillisecondsAText:F1} ms a text, because it reads the text once for each label; ")
                + Invariant($"the fine-tuned BERT needs {bert.MillisecondsAText:F1} ms, after {bert.TrainingTime.TotalSeconds:F0} s of training on ")
                + Invariant($"{bert.LabelledTexts:N0} labelled texts. A small GPT like this one says nothing of what a large one can do.")
        );
    }

    private static VersusResult Best(VersusOutcome outcome, params VersusKind[] kinds) =>
        outcome.Results.Where(result => kinds.Contains(result.Kind)).MaxBy(result => result.Accuracy)!;

    private static string Compare(VersusResult first, VersusResult second)
    {
        var (a, b) = (first.Interval, second.Interval);
        var verdict =
            a.Lower > b.Upper ? $"{Name(first)} beats {Name(second)}"
            : b.Lower > a.Upper ? $"{Name(first)} does not beat {Name(second)}; it is the other way round"
            : $"{Name(first)} and {Name(second)} cannot be told apart with so few texts";
        return $"{verdict}: {Share(first)} against {Share(second)}.";
    }

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Points(VersusResult after, VersusResult before) => Invariant($"{100 * (after.Accuracy - before.Accuracy):+0.0;-0.0;0.0} points");

    private static string Name(VersusResult result) => $"the {result.Model} ({result.Way})";

    private static string Share(VersusResult result) =>
        Invariant($"{100 * result.Accuracy:F1} % ({100 * result.Interval.Lower:F1} to {100 * result.Interval.Upper:F1} %)");

    private static string[] Row(VersusResult result) =>
        [
            result.Model,
            result.Way,
            Invariant($"{result.LabelledTexts:N0}"),
            Invariant($"{100 * result.Accuracy:F1} %"),
            Invariant($"{100 * result.Interval.Lower:F1} to {100 * result.Interval.Upper:F1} %"),
            Invariant($"{result.MillisecondsAText:F1}"),
            Invariant($"{result.TrainingTime.TotalSeconds:F0}"),
        ];
}
