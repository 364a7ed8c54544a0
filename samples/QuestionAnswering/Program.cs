using System.CommandLine;
using BertMl.Samples;
using BertMl.Training;
using Spectre.Console;

var defaults = new QuestionAnsweringSettings();
var data = new Option<string?>("--data") { Description = "SQuAD JSON, 1.1 or 2.0, to learn from.", HelpName = "FILE" };
var test = new Option<string?>("--test") { Description = "SQuAD JSON to be evaluated on. Default: the last paragraphs of the data.", HelpName = "FILE" };
var model = new Option<string?>("--model") { Description = "Learn nothing: ask this saved model.", HelpName = "MODEL.zip" };
var checkpoint = new Option<string?>("--checkpoint")
{
    Description = $"Hugging Face folder of the BERT to start from. Default: {ShippedModel.Name}.",
    HelpName = "DIR",
};
var trainShare = new Option<double>("--train-share")
{
    Description = "Part of the paragraphs to learn from, where there is no --test.",
    DefaultValueFactory = _ => defaults.TrainShare,
}.Where(value => value is > 0 and < 1, "greater than 0 and less than 1");
var epochs = new Option<int>("--epochs") { Description = "Passes over the training data.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var learningRate = new Option<double>("--learning-rate")
{
    Description = "Highest learning rate.",
    DefaultValueFactory = _ => defaults.LearningRate,
}.Positive();
var batchSize = new Option<int>("--batch-size") { Description = "Windows of a batch.", DefaultValueFactory = _ => defaults.BatchSize }.AtLeast(1);
var maximumLength = new Option<int>("--max-length")
{
    Description = "Tokens of a window at most, question included.",
    DefaultValueFactory = _ => defaults.MaximumLength,
}.AtLeast(8);
var stride = new Option<int>("--stride")
{
    Description = "Tokens that each window repeats of the one before it.",
    DefaultValueFactory = _ => defaults.Stride,
}.AtLeast(0);
var precision = new Option<TrainingPrecision>("--precision") { Description = "Arithmetic.", DefaultValueFactory = _ => defaults.Precision };
var seed = new Option<int>("--seed")
{
    Description = "Decides the head's initial weights, the order of the data, and dropout.",
    DefaultValueFactory = _ => defaults.Seed,
};
var output = new Option<string>("--output")
{
    Description = "Folder for answers.zip, the Hugging Face folder, predictions.json, report.html and the training's curves.",
    HelpName = "DIR",
    DefaultValueFactory = _ => defaults.Output,
};

var command = new RootCommand("Fine-tunes a BERT to answer questions by a stretch of a text, and then answers yours.")
{
    data,
    test,
    model,
    checkpoint,
    trainShare,
    epochs,
    learningRate,
    batchSize,
    maximumLength,
    stride,
    precision,
    seed,
    output,
};
command.Validators.Add(result =>
{
    if (result.GetValue(data) is null == result.GetValue(model) is null)
        result.AddError("Give one of --data and --model.");
});
return CommandLine.Run(
    command,
    args,
    (options, cancellationToken) =>
        new QuestionAnswering(
            AnsiConsole.Console,
            new()
            {
                Data = options.GetValue(data),
                Test = options.GetValue(test),
                Model = options.GetValue(model),
                Checkpoint = options.GetValue(checkpoint),
                TrainShare = options.GetValue(trainShare),
                Epochs = options.GetValue(epochs),
                LearningRate = options.GetValue(learningRate),
                BatchSize = options.GetValue(batchSize),
                MaximumLength = options.GetValue(maximumLength),
                Stride = options.GetValue(stride),
                Precision = options.GetValue(precision),
                Seed = options.GetValue(seed),
                Output = options.GetRequiredValue(output),
            }
        ).Run(cancellationToken)
);
