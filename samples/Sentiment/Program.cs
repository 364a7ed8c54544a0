using System.CommandLine;
using BertMl.Samples;
using BertMl.Torch;
using BertMl.Training;
using Spectre.Console;

var defaults = new SentimentSettings { Data = "", Checkpoint = "" };
var data = new Option<string>("--data")
{
    Description = "Folder of SST-2 as GLUE ships it: train.tsv and dev.tsv with the columns sentence and label.",
    HelpName = "DIR",
    Required = true,
};
var checkpoint = new Option<string>("--checkpoint")
{
    Description = "Hugging Face folder of the BERT to start from.",
    HelpName = "DIR",
    Required = true,
};
var epochs = new Option<int>("--epochs") { Description = "Passes over the training data.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var learningRate = new Option<double>("--learning-rate")
{
    Description = "Highest learning rate.",
    DefaultValueFactory = _ => defaults.LearningRate,
}.Positive();
var batchSize = new Option<int>("--batch-size") { Description = "Sentences of a batch.", DefaultValueFactory = _ => defaults.BatchSize }.AtLeast(1);
var maximumLength = new Option<int>("--max-length")
{
    Description = "Tokens of a sentence at most.",
    DefaultValueFactory = _ => defaults.MaximumLength,
}.AtLeast(1);
var precision = new Option<TrainingPrecision>("--precision") { Description = "Arithmetic.", DefaultValueFactory = _ => defaults.Precision };
var rows = new Option<int?>("--rows") { Description = "Learn from the first N sentences only.", HelpName = "N" }.AtLeast(1);
var seed = new Option<int>("--seed")
{
    Description = "Decides the head's initial weights, the order of the data, and dropout.",
    DefaultValueFactory = _ => defaults.Seed,
};
var output = new Option<string>("--output")
{
    Description = "Folder for sentiment.zip, sentiment.onnx and the Hugging Face folder.",
    HelpName = "DIR",
    DefaultValueFactory = _ => defaults.Output,
};
var sentence = new Option<string[]>("--sentence")
{
    Description = "A sentence to classify at the end; may be given several times.",
    HelpName = "TEXT",
    DefaultValueFactory = _ => [],
};

var command = new RootCommand("Fine-tunes a BERT to tell the sentiment of sentences (SST-2).")
{
    data,
    checkpoint,
    epochs,
    learningRate,
    batchSize,
    maximumLength,
    precision,
    rows,
    seed,
    output,
    sentence,
};
return CommandLine.Run(
    command,
    args,
    (options, cancellationToken) =>
        new Sentiment(
            AnsiConsole.Console,
            new()
            {
                Data = options.GetRequiredValue(data),
                Checkpoint = options.GetRequiredValue(checkpoint),
                Epochs = options.GetValue(epochs),
                LearningRate = options.GetValue(learningRate),
                BatchSize = options.GetValue(batchSize),
                MaximumLength = options.GetValue(maximumLength),
                Precision = options.GetValue(precision),
                Rows = options.GetValue(rows),
                Seed = options.GetValue(seed),
                Output = options.GetRequiredValue(output),
                Sentences = options.GetRequiredValue(sentence),
            }
        ).Run(cancellationToken)
);
