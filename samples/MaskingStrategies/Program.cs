using System.CommandLine;
using BertMl.Samples;
using Spectre.Console;

var defaults = new ExperimentSettings();
var only = new Option<string[]>("--only")
{
    Description = $"Rows to do: {string.Join(", ", Variant.All.Select(variant => $"{variant.Name} ({variant.Description})"))}. Default: all.",
    HelpName = "NAMES",
    AllowMultipleArgumentsPerToken = true,
};
var seeds = new Option<int>("--seeds")
{
    Description = "Repetitions of each row, with other initial weights, masks and order; the table then has mean and standard deviation.",
    DefaultValueFactory = _ => defaults.Seeds,
}.AtLeast(1);
var output = new Option<string>("--output")
{
    Description = "Folder for results.csv, curves.png, models and curves. Rows that it has already are not done again.",
    HelpName = "DIR",
    DefaultValueFactory = _ => defaults.Output,
};
var steps = new Option<int>("--steps") { Description = "Steps of each pretraining.", DefaultValueFactory = _ => defaults.Steps }.AtLeast(1);
var length = new Option<int>("--max-length")
{
    Description = "Tokens of a line of text at most; a longer one becomes several.",
    DefaultValueFactory = _ => defaults.Length,
}.AtLeast(1);
var batch = new Option<int>("--batch-size") { Description = "Lines of text of a batch in pretraining.", DefaultValueFactory = _ => defaults.BatchSize }.AtLeast(
    1
);
var learningRate = new Option<double>("--learning-rate")
{
    Description = "Highest learning rate in pretraining.",
    DefaultValueFactory = _ => defaults.LearningRate,
}.Positive();
var vocabulary = new Option<int>("--vocabulary-size")
{
    Description = "Size of the vocabulary that is learned.",
    DefaultValueFactory = _ => defaults.VocabularySize,
}.AtLeast(1);
var layers = new Option<int>("--layers") { Description = "Layers.", DefaultValueFactory = _ => defaults.Layers }.AtLeast(1);
var hidden = new Option<int>("--hidden")
{
    Description = "Width; the feed-forward layer is four times as wide.",
    DefaultValueFactory = _ => defaults.Hidden,
}.AtLeast(1);
var heads = new Option<int>("--heads") { Description = "Attention heads.", DefaultValueFactory = _ => defaults.Heads }.AtLeast(1);
var fineTuningEpochs = new Option<int>("--fine-tuning-epochs")
{
    Description = "Passes over the summaries in fine-tuning.",
    DefaultValueFactory = _ => defaults.FineTuningEpochs,
}.AtLeast(1);
var fineTuningLearningRate = new Option<double>("--fine-tuning-learning-rate")
{
    Description = "Highest learning rate in fine-tuning.",
    DefaultValueFactory = _ => defaults.FineTuningLearningRate,
}.Positive();

// Before the documentation is read.
only.Validators.Add(result =>
{
    try
    {
        Variant.Find([.. result.Tokens.Select(token => token.Value)]);
    }
    catch (ArgumentException error)
    {
        result.AddError(error.Message);
    }
});

var command = new RootCommand(
    """
    Which masking pretrains best? Small BERTs are pretrained on the .NET SDK's documentation, each with another masking: by the split of
    [MASK]/random/kept tokens, by the choice of tokens (uniform, whole words, spans), and by the rate. Each is validated on held-out text twice,
    masked as in its training and masked in one common way (15 % of the tokens, all of them [MASK]), and then fine-tuned to tell the area of a
    summary, as QuickStart does.
    Stop it with Ctrl+C; the same command goes on after the last row that was done.
    """
)
{
    only,
    seeds,
    output,
    steps,
    length,
    batch,
    learningRate,
    vocabulary,
    layers,
    hidden,
    heads,
    fineTuningEpochs,
    fineTuningLearningRate,
};
return CommandLine.Run(
    command,
    args,
    (options, cancellationToken) =>
        new Experiment(
            AnsiConsole.Console,
            new()
            {
                Only = options.GetValue(only) ?? [],
                Seeds = options.GetValue(seeds),
                Output = options.GetValue(output)!,
                Steps = options.GetValue(steps),
                Length = options.GetValue(length),
                BatchSize = options.GetValue(batch),
                LearningRate = options.GetValue(learningRate),
                VocabularySize = options.GetValue(vocabulary),
                Layers = options.GetValue(layers),
                Hidden = options.GetValue(hidden),
                Heads = options.GetValue(heads),
                FineTuningEpochs = options.GetValue(fineTuningEpochs),
                FineTuningLearningRate = options.GetValue(fineTuningLearningRate),
            }
        ).Run([.. SdkDocumentation.TextsByType()], SdkDocumentation.SummariesByArea(), cancellationToken)
);
