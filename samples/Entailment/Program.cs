using System.CommandLine;
using BertMl.Samples;
using Spectre.Console;

var defaults = new EntailmentSettings();
var data = new Option<string?>("--data")
{
    Description =
        "Your own pairs: a folder of a GLUE task (train.tsv and dev.tsv of RTE, MRPC, QNLI, MNLI ...) or one such file. "
        + "Default: the .NET SDK's API documentation: is this what that member returns?",
    HelpName = "PATH",
};
var checkpoint = new Option<string?>("--checkpoint")
{
    Description = $"Hugging Face folder of the BERT to start from. Default: {ShippedModel.Name}.",
    HelpName = "DIR",
};
var pairs = new Option<int>("--pairs") { Description = "Pairs of the documentation to learn from at most.", DefaultValueFactory = _ => defaults.Pairs }.AtLeast(
    20
);
var epochs = new Option<int>("--epochs") { Description = "Passes over the training data.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var learningRate = new Option<double>("--learning-rate")
{
    Description = "Highest learning rate.",
    DefaultValueFactory = _ => defaults.LearningRate,
}.Positive();
var seed = new Option<int>("--seed")
{
    Description = "Decides the pairs, the split, the initial weights and the order of the data.",
    DefaultValueFactory = _ => defaults.Seed,
};
var output = new Option<string>("--output")
{
    Description = "Folder for entailment.zip, the Hugging Face folder, report.html and the training's curves.",
    HelpName = "DIR",
    DefaultValueFactory = _ => defaults.Output,
};

var command = new RootCommand("Fine-tunes a BERT on pairs of texts: natural language inference, paraphrases, or what a member returns.")
{
    data,
    checkpoint,
    pairs,
    epochs,
    learningRate,
    seed,
    output,
};
return CommandLine.Run(
    command,
    args,
    (options, cancellationToken) =>
        new Entailment(
            AnsiConsole.Console,
            new()
            {
                Data = options.GetValue(data),
                Checkpoint = options.GetValue(checkpoint),
                Pairs = options.GetValue(pairs),
                Epochs = options.GetValue(epochs),
                LearningRate = options.GetValue(learningRate),
                Seed = options.GetValue(seed),
                Output = options.GetRequiredValue(output),
            }
        ).Run(cancellationToken)
);
