using System.CommandLine;
using BertMl.Samples;
using Spectre.Console;

var defaults = new LessonSettings();
var only = new Option<string[]>("--only")
{
    Description = $"Sections to do, by number or name: {string.Join(", ", Section.All.Select(section => $"{section.Number} ({section.Name})"))}. Default: all.",
    HelpName = "SECTIONS",
    AllowMultipleArgumentsPerToken = true,
};
var data = new Option<string?>("--data")
{
    Description =
        "Your own labelled text: a folder with GLUE's train.tsv, or a .tsv or .csv file. Default: the .NET SDK's API documentation, to be told by area.",
    HelpName = "PATH",
};
var bert = new Option<string?>("--bert") { Description = $"Hugging Face folder of the BERT. Default: {ShippedModel.Name}.", HelpName = "DIR" };
var gpt = new Option<string?>("--gpt")
{
    Description = $"Hugging Face folder of the GPT-2 that the BERT is compared with. Default: {ShippedModel.GptName}.",
    HelpName = "DIR",
};
var rows = new Option<int>("--rows") { Description = "Texts to fine-tune on at most.", DefaultValueFactory = _ => defaults.Rows }.AtLeast(20);
var epochs = new Option<int>("--epochs") { Description = "Passes over them.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var steps = new Option<int>("--steps")
{
    Description = "Steps of each pretraining in the section on masking strategies.",
    DefaultValueFactory = _ => defaults.Steps,
}.AtLeast(1);
var perClass = new Option<int>("--per-class")
{
    Description = "Texts of each class on the map of [CLS] vectors.",
    DefaultValueFactory = _ => defaults.TextsOfAClass,
}.AtLeast(2);
var again = new Option<bool>("--again") { Description = "Do sections again that were done before." };
var output = new Option<string>("--output")
{
    Description = "Folder for index.html, the classifier and what each section has done.",
    HelpName = "DIR",
    DefaultValueFactory = _ => defaults.Output,
};

var command = new RootCommand(
    """
    A lesson on BERT as one tour, offline: what masking does, what the network is made of, how fine-tuning learns, where attention goes, BERT against GPT,
    which masking is best, and how [CLS] separates the classes. Writes one page, index.html, in which each section tells what was run, what came out, and
    how to run it alone.
    Stop it with Ctrl+C; the same command goes on after the last section that was done.
    """
)
{
    only,
    data,
    bert,
    gpt,
    rows,
    epochs,
    steps,
    perClass,
    again,
    output,
};
return CommandLine.Run(
    command,
    args,
    (options, cancellationToken) =>
        new Lesson(
            AnsiConsole.Console,
            new()
            {
                Only = options.GetValue(only) ?? [],
                Data = options.GetValue(data),
                Bert = options.GetValue(bert),
                Gpt = options.GetValue(gpt),
                Rows = options.GetValue(rows),
                Epochs = options.GetValue(epochs),
                Steps = options.GetValue(steps),
                TextsOfAClass = options.GetValue(perClass),
                Again = options.GetValue(again),
                Output = options.GetValue(output)!,
            }
        ).Run(cancellationToken)
);
