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
            ("Asked", Invariant($"{task.Test.Count:N0} texts that none has learned from")),
            ("BERT", settings.BertName),
            ("GPT", settings.GptName),
            ("Prompt", task.Prompt.ToString()),
        ]);
        yield return HtmlFragment.Table(
            ["Model", "Way", "Labelled texts seen", "Accuracy", "95 % interval", "Milliseconds a text", "Seconds of training"],
            [.. outcome.Results.Select(Row)]
        );
        yield return HtmlFragment.Paragraph(
            "The interval is Wilson's: two ways whose intervals lie apart differ; where they overlap much, so few texts cannot tell. "
                + "\"Less the prior\" is contextual calibration (Zhao et al. 2021): each label's probability is divided by what the model gives it "
                + $"for texts without content ({string.Join(", ", LabelScores.WithoutContent.Select(text => $"\"{text}\""))}). "
                + "Behind a mask stands one token: where none of a label's words is one, the first piece of the first word stands for it."
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
            $"{Compare(bert, continuation)} As it is asked, the GPT is right for {Share(continuation)}, less the prior for {Share(calibrated)}; "
                + $"always saying the largest label is right for {Share(largest)}."
        );
        yield return (
            "2. Is that because BERT reads in both directions, or because it has seen labels?",
            $"With labels for both: {Compare(bert, gpt)} Without labels for either, each in its best way: {Compare(bertZero, gptZero)} "
                + Invariant($"What labels are worth: BERT {100 * (bert.Accuracy - bertZero.Accuracy):F1} points more, ")
                + Invariant($"GPT {100 * (gpt.Accuracy - gptZero.Accuracy):F1} points more than asked in its best way.")
        );
        var better = shots.Accuracy > continuation.Accuracy ? "more" : "not more";
        yield return (
            "3. When would one take the GPT all the same?",
            Invariant($"Where there are no labels: with {outcome.MeanShots:0.#} labelled texts in the prompt it is right for {Share(shots)}, ")
                + $"{better} than with none. "
                + Invariant($"It costs {continuation.MillisecondsAText:F1} ms a text, for each label is a continuation of its own, ")
                + Invariant($"and the fine-tuned BERT {bert.MillisecondsAText:F1} ms, after {bert.TrainingTime.TotalSeconds:F0} s of training on ")
                + Invariant($"{bert.LabelledTexts:N0} labelled texts. A GPT of this size is no measure of what a large one can do.")
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
            : $"{Name(first)} and {Name(second)} cannot be told apart by so few texts";
        return $"{verdict}: {Share(first)} against {Share(second)}.";
    }

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
