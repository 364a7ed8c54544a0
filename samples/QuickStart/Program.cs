using System.CommandLine;
using BertMl.Samples;
using Spectre.Console;

var defaults = new QuickStartSettings();
var data = new Option<string?>("--data")
{
    Description =
        "Your own text: a .tsv (as GLUE has it) or .csv with a header, columns label and sentence (or text). Default: the .NET SDK's API "
        + "documentation, to be told by area.",
    HelpName = "FILE",
};
var checkpoint = new Option<string?>("--checkpoint")
{
    Description = $"Hugging Face folder of the BERT to start from. Default: {ShippedModel.Name}.",
    HelpName = "DIR",
};
var randomWeights = new Option<bool>("--random-weights")
{
    Description = "Start from random weights instead, in the shape of that BERT and with its vocabulary: what is pretraining worth?",
};
var epochs = new Option<int>("--epochs") { Description = "Passes over the training data.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var learningRate = new Option<double>("--learning-rate")
{
    Description = "Highest learning rate.",
    DefaultValueFactory = _ => defaults.LearningRate,
}.Positive();
var seed = new Option<int>("--seed")
{
    Description = "Decides the split, the initial weights and the order of the data.",
    DefaultValueFactory = _ => defaults.Seed,
};
var output = new Option<string>("--output")
{
    Description = "Folder for classifier.zip, classifier.onnx, report.html and the training's curves.",
    HelpName = "DIR",
    DefaultValueFactory = _ => defaults.Output,
};
var report = new Option<string?>("--report") { Description = "Write the figures to this file, as JSON.", HelpName = "FILE" };
var classify = new Option<string?>("--classify")
{
    Description = "Train nothing: load this saved model and classify the sentences given, or typed.",
    HelpName = "MODEL.zip",
};
var sentences = new Argument<string[]>("sentences") { Description = "Sentences for --classify.", Arity = ArgumentArity.ZeroOrMore };

var command = new RootCommand("Fine-tunes a BERT to classify text, beside ML.NET's own classifier; saves it, exports it, and uses it in a new process.")
{
    data,
    checkpoint,
    randomWeights,
    epochs,
    learningRate,
    seed,
    output,
    report,
    classify,
    sentences,
};
command.Validators.Add(result =>
{
    if (result.GetResult(classify) is null && result.GetResult(sentences) is { Tokens.Count: > 0 })
        result.AddError("Sentences need --classify, a saved model.");
});
return CommandLine.Run(
    command,
    args,
    (options, cancellationToken) =>
    {
        if (options.GetValue(classify) is { } model)
        {
            var exitCode = SentenceClassification.Run(AnsiConsole.Console, model, options.GetValue(sentences)!);
            SentenceClassification.RequireNoTrainer();
            return exitCode;
        }
        return new QuickStart(
            AnsiConsole.Console,
            new()
            {
                Data = options.GetValue(data),
                Checkpoint = options.GetValue(checkpoint),
                RandomWeights = options.GetValue(randomWeights),
                Epochs = options.GetValue(epochs),
                LearningRate = options.GetValue(learningRate),
                Seed = options.GetValue(seed),
                Output = options.GetValue(output)!,
                Report = options.GetValue(report),
            }
        ).Run(cancellationToken);
    }
);
