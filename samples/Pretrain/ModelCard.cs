using System.Globalization;
using System.Runtime.InteropServices;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Pretraining;

namespace BertMl.Samples;

/// <summary>The README.md of a pretrained model, with the figures of its training.</summary>
/// <param name="settings">What was asked for.</param>
/// <param name="commandLine">The arguments, as they were typed.</param>
/// <param name="model">The model that the training began with.</param>
/// <param name="bits">Bits a character of the held-out text; null: it is not a causal language model.</param>
/// <param name="metrics">What was measured on the held-out text.</param>
/// <param name="curves">CSV file of the figures of each step.</param>
internal sealed class ModelCard(PretrainSettings settings, string commandLine, PretrainedModel model, double? bits, PretrainingMetrics metrics, string curves)
{
    private readonly bool _isCausal = bits is not null;

    // Of the training as a whole, however often it was resumed.
    private readonly string[] _last = File.ReadLines(curves).Last().Split(',');

    /// <summary>Writes the card.</summary>
    public void Write(string path) =>
        File.WriteAllText(
            path,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                ---
                language: en
                library_name: transformers
                pipeline_tag: {(_isCausal ? "text-generation" : "fill-mask")}
                ---
                # {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(settings.Output)))}
                A small {model.Config.Architecture.ClassPrefix} for the English of {Subject}, pretrained by {Objective} with BertMl's
                `samples/Pretrain`. The folder is laid out as Hugging Face transformers has it;
                BertMl fine-tunes it, {(_isCausal ? "predicts tokens" : "fills masks")} with it and exports it.

                | | |
                | --- | --- |
                | shape | {Shape} |
                | parameters | {ParameterList.Of(model.Config, model.Head).Sum(parameter => parameter.Count):N0}, stored as {(
                    settings.Float16 ? "float16" : "float32"
                )} |
                | vocabulary | {Vocabulary} |
                | started from | {settings.Checkpoint ?? "random weights"} |

                ## Data
                {Data} One document in {settings.HeldOut} was held out.

                ## Recipe
                Rows: {settings.Layout}, {(
                    settings.Layout == SequenceLayout.Packed ? "" : "at most "
                )}{settings.Length} tokens.{Masking}
                AdamW, learning rate {settings.LearningRate}, warm-up {settings.WarmupRatio:P0}, then linear to 0; batches of {settings.BatchSize
                    * settings.Accumulation} rows; {Steps:N0} steps in {Epochs} epochs; seed {settings.Seed}.
                It took {TokensPerSecond:N0} tokens a second on {Environment.ProcessorCount} cores ({RuntimeInformation.ProcessArchitecture}){(
                    settings.Minutes is null ? "" : "; on others the same minutes are another number of steps, and --steps asks for so many"
                )}.

                ```
                dotnet run --project samples/Pretrain -c Release -- {commandLine}
                ```

                ## Results
                On the held-out documents{(_isCausal ? "" : ", masked always in the same way")} ({metrics.PredictedTokenCount:N0} predicted tokens),
                by the weights as stored:

                | loss | perplexity | {(_isCausal ? "accuracy" : "masked accuracy")} |{(
                    metrics.NextSentenceAccuracy is null ? "" : " next-sentence accuracy |"
                )}
                | --- | --- | --- |{(metrics.NextSentenceAccuracy is null ? "" : " --- |")}
                | {metrics.Loss:F4} | {metrics.Perplexity:F2} | {metrics.Accuracy:P2} |{(metrics.NextSentenceAccuracy is { } next ? $" {next:P2} |" : "")}
                {Bits}
                ![Loss over steps](curves.png)

                `curves.csv` has the figures of every step.

                ## Limits
                It has seen {Subject} and nothing else: {Limits}

                """
            )
        );

    private string Objective =>
        (_isCausal ? "causal" : "masked") + " language modelling" + (settings.Layout == SequenceLayout.SentencePairs ? " and next-sentence prediction" : "");

    private string Shape =>
        $"{model.Config.NumHiddenLayers} layers of width {model.Config.HiddenSize}, {model.Config.NumAttentionHeads} heads"
        + (model.Config is BertConfig bert ? $", feed-forward {bert.IntermediateSize}" : "")
        + $", at most {model.Config.MaximumLength} tokens";

    private string Vocabulary
    {
        get
        {
            var tokenizer = model.Tokenizer!;
            var isLowercase = tokenizer.Encode("A").Ids.SequenceEqual(tokenizer.Encode("a").Ids);
            return string.Create(CultureInfo.InvariantCulture, $"{tokenizer.VocabularySize:N0} tokens, {(isLowercase ? "lower case" : "cased")}")
                + (settings.Checkpoint is null ? ", learned from the same text" : "");
        }
    }

    private string Masking =>
        _isCausal
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $" Masking: {settings.Masking.Strategy}, {settings.Masking.Rate:P0} of the tokens, "
                    + $"{(settings.StaticMasking ? "once" : "anew at every epoch")}: "
                    + $"{settings.Masking.MaskShare:P0} become the mask token, {settings.Masking.RandomShare:P0} a random token, "
                    + $"{settings.Masking.KeepShare:P0} stay."
            );

    private string Bits =>
        bits is null
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"\nBits a character: {bits:F3} (the loss of all tokens of the text, the ends of texts among them, over its characters).\n"
            );

    private int Steps => int.Parse(_last[0], CultureInfo.InvariantCulture);

    private int Epochs => int.Parse(_last[1], CultureInfo.InvariantCulture);

    private double TokensPerSecond => double.Parse(_last[5], CultureInfo.InvariantCulture);

    private bool IsSdk => settings.Texts.Count == 0;

    private string Subject => IsSdk ? ".NET's API documentation" : $"the texts {string.Join(", ", settings.Texts.Select(Path.GetFileName))}";

    private string Data =>
        IsSdk
            ? $"The XML documentation files that the .NET SDK carries beside its reference assemblies (runtime and ASP.NET Core, .NET "
                + $"{Environment.Version.Major}): summaries, parameters, results, exceptions and remarks of "
                + "all public members, each different text once; references to types and members are left out. The documentation itself is not part "
                + "of this folder. "
                + "Texts that the quick start holds out are among these, without their labels."
            : $"The files {string.Join(", ", settings.Texts.Select(Path.GetFileName))}.";

    private string Limits =>
        IsSdk
            ? "words of other fields are split into many pieces, names and places mean little to it, and other languages nothing. It is for trying "
                + "things out, and for classifying texts about programming; not for facts, nor for generating text."
            : "on other text it is worth little. Check on your own data what it is good for.";
}
