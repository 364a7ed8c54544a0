using System.CommandLine;
using BertMl.Samples;
using Spectre.Console;

var defaults = new VersusSettings();
var data = new Option<string?>("--data")
{
    Description =
        "Labelled text: a folder of a GLUE task (train.tsv and dev.tsv), or a .tsv or .csv file. The labels 0 and 1 are taken for a sentiment (SST-2) where "
        + "--words says nothing else. Default: the .NET SDK's API documentation, to be told by area.",
    HelpName = "PATH",
};
var bert = new Option<string?>("--bert") { Description = $"Hugging Face folder of a pretrained BERT. Default: {ShippedModel.Name}.", HelpName = "DIR" };
var gpt = new Option<string?>("--gpt") { Description = $"Hugging Face folder of a pretrained GPT-2. Default: {ShippedModel.GptName}.", HelpName = "DIR" };
var prompt = new Option<string?>("--prompt")
{
    Description = "How a model is asked, with {text} and then {label}. Default: \"{text} It was {label}.\", and for the SDK's documentation one of its own.",
    HelpName = "TEXT",
};
var words = new Option<string[]>("--words")
{
    Description = "Words that stand for a label, as LABEL=WORD,WORD: the first is a continuation, all are looked for behind a mask. Default: the label.",
    HelpName = "WORDS",
    AllowMultipleArgumentsPerToken = true,
};
var test = new Option<int>("--test-rows") { Description = "Texts that all ways are asked.", DefaultValueFactory = _ => defaults.TestRows }.AtLeast(1);
var rows = new Option<int>("--rows") { Description = "Texts to fine-tune on at most.", DefaultValueFactory = _ => defaults.TrainingRows }.AtLeast(20);
var epochs = new Option<int>("--epochs") { Description = "Passes over them.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var learningRate = new Option<double?>("--learning-rate")
{
    Description = "Highest learning rate of fine-tuning. Default: 5e-4 for models of width 256 or less, 2e-5 for others.",
}.Positive();
var length = new Option<int>("--max-length")
{
    Description = "Tokens of a text at most in fine-tuning.",
    DefaultValueFactory = _ => defaults.MaximumLength,
}.AtLeast(4);
var shots = new Option<int>("--shots")
{
    Description = "Labelled texts in the prompt of few-shot, where so many fit.",
    DefaultValueFactory = _ => defaults.Shots,
}.AtLeast(1);
var seed = new Option<int>("--seed") { Description = "Decides texts, examples and training.", DefaultValueFactory = _ => defaults.Seed };
var output = new Option<string>("--output")
{
    Description = "Folder for index.html and results.json.",
    HelpName = "DIR",
    DefaultValueFactory = _ => defaults.Output,
};

var command = new RootCommand(
    """
    BERT against GPT on the same texts and labels: BERT fine-tuned, and zero-shot by words behind a mask and by pseudo-log-likelihood; GPT zero-shot by the loss
    of a continuation, with and without the bias of its prior, few-shot, and fine-tuned by its last token. Accuracy with a 95 % interval, and time a text.
    """
)
{
    data,
    bert,
    gpt,
    prompt,
    words,
    test,
    rows,
    epochs,
    learningRate,
    length,
    shots,
    seed,
    output,
};
return CommandLine.Run(
    command,
    args,
    (options, cancellationToken) =>
    {
        var settings = new VersusSettings
        {
            Data = options.GetValue(data),
            Bert = options.GetValue(bert),
            Gpt = options.GetValue(gpt),
            Prompt = options.GetValue(prompt),
            Words = options.GetValue(words) ?? [],
            TestRows = options.GetValue(test),
            TrainingRows = options.GetValue(rows),
            Epochs = options.GetValue(epochs),
            LearningRate = options.GetValue(learningRate),
            MaximumLength = options.GetValue(length),
            Shots = options.GetValue(shots),
            Seed = options.GetValue(seed),
            Output = options.GetValue(output)!,
        };
        var outcome = new VersusExperiment(AnsiConsole.Console, settings).Run(cancellationToken);
        foreach (var (question, answer) in VersusPage.Answers(outcome))
        {
            AnsiConsole.MarkupLineInterpolated($"[bold]{question}[/]");
            AnsiConsole.MarkupLineInterpolated($"  {answer}");
        }
        AnsiConsole.MarkupLineInterpolated($"All of it is in [bold]{VersusReport.Write(outcome)}[/].");
        return 0;
    }
);
