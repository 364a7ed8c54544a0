using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Spectre.Console;

namespace BertMl.Samples;

/// <summary>BERT against GPT: the same texts and labels, told by each in each of its ways.</summary>
internal sealed class VersusExperiment(IAnsiConsole console, VersusSettings settings)
{
    private readonly MLContext _ml = new(settings.Seed);

    /// <summary>Does all ways, one after the other.</summary>
    /// <exception cref="InvalidDataException">A folder is of another family than its option asks for.</exception>
    public VersusOutcome Run(CancellationToken cancellationToken)
    {
        Inputs.CheckPaths(settings.Data);
        CheckFamilies();
        var task = VersusTask.Load(_ml, settings);
        console.MarkupLineInterpolated(
            $"[bold]{task.Test.Count:N0}[/] texts of [bold]{task.Labels.Count}[/] labels from {task.Source}, asked as [dim]{task.Prompt}[/]"
        );
        var zeroShot = new ZeroShot(_ml, task, settings, cancellationToken);
        var results = new List<VersusResult>();
        var largest = task.Training.CountBy(row => row.Label).MaxBy(label => label.Value).Key;
        Add(new("none", "always the most frequent label", VersusKind.Largest, [.. task.Test.Select(_ => IndexOf(largest))], 0, default));
        AddScores("BERT", "zero-shot: words behind a mask", VersusKind.BertFillMask, zeroShot.FillMask());
        AddScores("BERT", "zero-shot: pseudo-log-likelihood of the label", VersusKind.BertPseudoLikelihood, zeroShot.PseudoLikelihood());
        var continuation = zeroShot.Continuation();
        AddScores("GPT", "zero-shot: loss of the continuation", VersusKind.GptContinuation, continuation);
        var (fewShot, shots) = zeroShot.FewShot();
        AddScores("GPT", $"few-shot: {shots:0.#} labelled texts before it", VersusKind.GptFewShot, fewShot, (int)Math.Ceiling(shots));
        AddFineTuned("GPT", "fine-tuned, by its last token", VersusKind.GptFineTuned, settings.GptFolder);
        AddFineTuned("BERT", "fine-tuned, by its first token", VersusKind.BertFineTuned, settings.BertFolder);
        return new(settings, task, results, continuation.Prior(task.Labels.Count), shots);

        void Add(VersusResult result)
        {
            var correct = result.Predictions.Zip(task.Test).Count(pair => pair.First == IndexOf(pair.Second.Label));
            result = result with { Correct = correct };
            results.Add(result);
            console.MarkupLineInterpolated(
                $"  {result.Model, -4} {result.Way}: [bold]{result.Accuracy:P1}[/] [dim]({result.Interval.Lower:P1} to {result.Interval.Upper:P1})[/]"
            );
        }

        void AddScores(string model, string way, VersusKind kind, LabelScores scores, int labelled = 0)
        {
            Add(new(model, way, kind, scores.Best(task.Labels.Count, calibrated: false), 0, scores.Time, labelled));
            var calibrated = scores.Best(task.Labels.Count, calibrated: true);
            Add(new(model, way + ", calibrated", kind, calibrated, 0, scores.Time, labelled) { IsCalibrated = true });
        }

        void AddFineTuned(string model, string way, VersusKind kind, string folder)
        {
            var (predictions, scoring, training) = FineTunedWay.Run(console, _ml, task, settings, folder, cancellationToken);
            Add(new(model, way, kind, [.. predictions.Select(IndexOf)], 0, scoring, task.Training.Count, training));
        }

        int IndexOf(string label) => Array.IndexOf([.. task.Labels], label);
    }

    // Before anything is computed: the first way would find it late, and in its own words.
    private void CheckFamilies()
    {
        using var bert = PretrainedModel.Load(settings.BertFolder);
        if (bert.Head != Head.MaskedLM && bert.Head != Head.PreTraining)
            throw Other("--bert", settings.BertFolder, bert, "a masked language model, such as a bert with its masked language modelling head");
        using var gpt = PretrainedModel.Load(settings.GptFolder);
        if (gpt.Head != Head.CausalLM)
            throw Other("--gpt", settings.GptFolder, gpt, "a causal language model: a gpt2 with its language modelling head");

        static InvalidDataException Other(string option, string folder, PretrainedModel model, string expected) =>
            new($"{option} '{folder}' is a {model.Config.Architecture.ModelType} with the head {model.Head}; expected {expected}.");
    }
}

/// <summary>What came of the experiment.</summary>
/// <param name="Settings">What was asked for.</param>
/// <param name="Task">The texts and the prompt.</param>
/// <param name="Results">The ways, in the order in which they were done.</param>
/// <param name="GptPrior">How much the GPT prefers each label before it has read a text.</param>
/// <param name="MeanShots">Labelled texts that were in the prompts of few-shot, in the mean.</param>
internal sealed record VersusOutcome(
    VersusSettings Settings,
    VersusTask Task,
    IReadOnlyList<VersusResult> Results,
    IReadOnlyList<float> GptPrior,
    double MeanShots
)
{
    /// <summary>The result of a way.</summary>
    public VersusResult Of(VersusKind kind, bool calibrated = false) => Results.Single(result => result.Kind == kind && result.IsCalibrated == calibrated);
}
