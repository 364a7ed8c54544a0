using System.CommandLine;
using BertMl.Samples;
using BertMl.Scoring;
using Spectre.Console;

var defaults = new BertFillMaskOptions();
var checkpoint = new Option<string?>("--checkpoint")
{
    Description = $"Hugging Face folder of a BERT with a masked-language-model head. Default: {ShippedModel.Name}.",
    HelpName = "DIR",
};
var topK = new Option<int>("--top-k")
{
    Description = "Predictions for each mask.",
    HelpName = "K",
    DefaultValueFactory = _ => defaults.TopK,
}.AtLeast(1);
var candidates = new Option<string[]>("--candidates")
{
    Description = "The only tokens that may be predicted, as the vocabulary has them: --candidates good bad.",
    HelpName = "TOKENS",
    AllowMultipleArgumentsPerToken = true,
};
var texts = new Argument<string[]>("texts")
{
    Description = "Texts with one [MASK] or several. Without any, lines are read from the terminal or the input.",
    Arity = ArgumentArity.ZeroOrMore,
};

var command = new RootCommand("Predicts what stands behind [MASK], on ONNX Runtime alone. Options come after the texts or end with --.")
{
    texts,
    checkpoint,
    topK,
    candidates,
};
return CommandLine.Run(
    command,
    args,
    (options, _) =>
        new FillMask(
            AnsiConsole.Console,
            options.GetValue(checkpoint) ?? ShippedModel.Folder,
            new() { TopK = options.GetValue(topK), Candidates = options.GetValue(candidates) is { Length: > 0 } tokens ? tokens : null }
        ).Run(options.GetValue(texts)!)
);
