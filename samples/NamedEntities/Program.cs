using System.CommandLine;
using BertMl.Samples;
using BertMl.Training;
using Spectre.Console;

var defaults = new NamedEntitiesSettings();
var data = new Option<string?>("--data")
{
    Description =
        "A CoNLL file: a word and its tag a line. Default: the SDK's API documentation, whose writers marked types, members, parameters, keywords and code.",
    HelpName = "FILE",
};
var test = new Option<string?>("--test") { Description = "Another CoNLL file, to be evaluated on. Default: a tenth of the data.", HelpName = "FILE" };
var checkpoint = new Option<string?>("--checkpoint")
{
    Description = $"Hugging Face folder of the BERT to start from. Default: {ShippedModel.Name}.",
    HelpName = "DIR",
};
var epochs = new Option<int>("--epochs") { Description = "Passes over the training data.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var learningRate = new Option<double>("--learning-rate")
{
    Description = "Highest learning rate.",
    DefaultValueFactory = _ => defaults.LearningRate,
}.Positive();
var batchSize = new Option<int>("--batch-size") { Description = "Texts of a batch.", DefaultValueFactory = _ => defaults.BatchSize }.AtLeast(1);
var maximumLength = new Option<int>("--max-length")
{
    Description = "Tokens of a window at most; longer texts are several, which overlap.",
    DefaultValueFactory = _ => defaults.MaximumLength,
}.AtLeast(8);
var precision = new Option<TrainingPrecision>("--precision") { Description = "Arithmetic.", DefaultValueFactory = _ => defaults.Precision };
var rows = new Option<int?>("--rows") { Description = "Learn from the first N texts only.", HelpName = "N" }.AtLeast(1);
var seed = new Option<int>("--seed")
{
    Description = "Decides the split, the head's initial weights, the order of the data, and dropout.",
    DefaultValueFactory = _ => defaults.Seed,
};
var output = new Option<string>("--output")
{
    Description = "Folder for entities.zip, the Hugging Face folder, report.html and the training's curves.",
    HelpName = "DIR",
    DefaultValueFactory = _ => defaults.Output,
};

var command = new RootCommand("Fine-tunes a BERT to find named entities, and shows how well by type beside a baseline.")
{
    data,
    test,
    checkpoint,
    epochs,
    learningRate,
    batchSize,
    maximumLength,
    precision,
    rows,
    seed,
    output,
};
command.Validators.Add(result =>
{
    if (result.GetValue(test) is not null && result.GetValue(data) is null)
        result.AddError("--test needs --data.");
});
return CommandLine.Run(
    command,
    args,
    (options, cancellationToken) =>
        new NamedEntities(
            AnsiConsole.Console,
            new()
            {
                Data = options.GetValue(data),
                Test = options.GetValue(test),
                Checkpoint = options.GetValue(checkpoint),
                Epochs = options.GetValue(epochs),
                LearningRate = options.GetValue(learningRate),
                BatchSize = options.GetValue(batchSize),
                MaximumLength = options.GetValue(maximumLength),
                Precision = options.GetValue(precision),
                Rows = options.GetValue(rows),
                Seed = options.GetValue(seed),
                Output = options.GetRequiredValue(output),
            }
        ).Run(cancellationToken)
);
