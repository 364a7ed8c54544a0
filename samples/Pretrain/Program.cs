using System.CommandLine;
using System.Globalization;
using BertMl;
using BertMl.Masking;
using BertMl.Samples;
using Spectre.Console;

var defaults = new PretrainSettings();
var texts = new Option<string[]>("--texts")
{
    Description = "Text files, UTF-8. Default: the API documentation of the .NET SDK.",
    HelpName = "FILES",
    AllowMultipleArgumentsPerToken = true,
};
var sdk = new Option<bool>("--sdk-documentation") { Description = "The API documentation of the .NET SDK, as without --texts." };
var format = new Option<CorpusFormat>("--format")
{
    Description = "What a document is in the text; the documentation of a type has the lines of one.",
    DefaultValueFactory = _ => defaults.Format,
};
var heldOut = new Option<int>("--held-out")
{
    Description = "Hold out one document in so many, to evaluate on.",
    DefaultValueFactory = _ => defaults.HeldOut,
}.AtLeast(2);
var output = new Option<string>("--output")
{
    Description = "Folder for the model.",
    HelpName = "DIR",
    DefaultValueFactory = _ => defaults.Output,
};
var work = new Option<string?>("--work")
{
    Description = "Folder for checkpoints, token cache and curves. Default: the output's name and \"-training\".",
    HelpName = "DIR",
};
var resume = new Option<bool>("--resume") { Description = "Go on with the training that the work folder holds: the same command, with --resume." };
var float16 = new Option<bool>("--float16") { Description = "Write the weights as float16." };
var checkpoint = new Option<string?>("--checkpoint")
{
    Description = "Go on from this model (domain adaptation); vocabulary and shape are its own then.",
    HelpName = "DIR",
};
var architecture = new Option<PretrainArchitecture>("--architecture")
{
    Description = "What is pretrained. Gpt2 learns to predict the next token; the others, masked ones.",
    DefaultValueFactory = _ => defaults.Architecture,
};
var vocabulary = new Option<int>("--vocabulary-size")
{
    Description = "Size of the vocabulary that is learned.",
    DefaultValueFactory = _ => defaults.VocabularySize,
}.AtLeast(1);
var layers = new Option<int>("--layers") { Description = "Layers.", DefaultValueFactory = _ => defaults.Layers }.AtLeast(1);
var hidden = new Option<int>("--hidden") { Description = "Width.", DefaultValueFactory = _ => defaults.Hidden }.AtLeast(1);
var heads = new Option<int>("--heads") { Description = "Attention heads.", DefaultValueFactory = _ => defaults.Heads }.AtLeast(1);
var intermediate = new Option<int?>("--intermediate") { Description = "Width of the feed-forward layer. Default: four times the width." }.AtLeast(1);
var layout = new Option<SequenceLayout>("--layout")
{
    Description = "How text becomes rows; SentencePairs adds next-sentence prediction.",
    DefaultValueFactory = _ => defaults.Layout,
};
var length = new Option<int>("--max-length") { Description = "Tokens of a row, at most.", DefaultValueFactory = _ => defaults.Length }.AtLeast(1);
var strategy = new Option<MaskingStrategy>("--masking")
{
    Description = "Which tokens are masked: each by itself, whole words, or spans of them.",
    DefaultValueFactory = _ => defaults.Masking.Strategy,
};
var split = new Option<string>("--masking-split")
{
    Description = "Per cent of the chosen tokens that become [MASK], become a random token, and stay.",
    DefaultValueFactory = _ => "80/10/10",
};
var rate = new Option<double>("--masking-rate") { Description = "Part of the tokens that is masked.", DefaultValueFactory = _ => defaults.Masking.Rate }.Where(
    part => part is > 0 and < 1,
    "greater than 0 and less than 1"
);
var isStatic = new Option<bool>("--static-masking") { Description = "Mask each row once instead of anew at every epoch." };
var batch = new Option<int>("--batch-size") { Description = "Rows of a batch.", DefaultValueFactory = _ => defaults.BatchSize }.AtLeast(1);
var accumulation = new Option<int>("--accumulation") { Description = "Batches of a step.", DefaultValueFactory = _ => defaults.Accumulation }.AtLeast(1);
var learningRate = new Option<double>("--learning-rate")
{
    Description = "Highest learning rate.",
    DefaultValueFactory = _ => defaults.LearningRate,
}.Positive();
var warmup = new Option<double>("--warmup") { Description = "Part of the steps in which it rises.", DefaultValueFactory = _ => defaults.WarmupRatio }.Where(
    part => part is >= 0 and <= 1,
    "between 0 and 1"
);
var steps = new Option<int?>("--steps") { Description = "Steps to take, in place of --epochs." }.AtLeast(1);
var minutes = new Option<double?>("--minutes")
{
    Description = "Time to train, in place of --epochs: the number of steps is chosen by the speed at the start.",
}.Positive();
var epochs = new Option<int>("--epochs") { Description = "Passes over the text.", DefaultValueFactory = _ => defaults.Epochs }.AtLeast(1);
var checkpointSteps = new Option<int>("--checkpoint-steps")
{
    Description = "Write a checkpoint after every so many steps.",
    DefaultValueFactory = _ => defaults.CheckpointSteps,
}.AtLeast(1);
var validationSteps = new Option<int>("--validation-steps")
{
    Description = "Validate after every so many steps, beside the ends of epochs; 0: only there.",
    DefaultValueFactory = _ => defaults.ValidationSteps,
}.AtLeast(0);
var seed = new Option<int>("--seed") { Description = "Decides initial weights, masking and the order of rows.", DefaultValueFactory = _ => defaults.Seed };

var command = new RootCommand(
    "Pretrains a BERT, or another of its family, by masked language modelling, or a GPT-2: from raw text to a model folder with its card. Stop it "
        + "with Ctrl+C; --resume goes on."
)
{
    texts,
    sdk,
    format,
    heldOut,
    output,
    work,
    resume,
    float16,
    checkpoint,
    architecture,
    vocabulary,
    layers,
    hidden,
    heads,
    intermediate,
    layout,
    length,
    strategy,
    split,
    rate,
    isStatic,
    batch,
    accumulation,
    learningRate,
    warmup,
    steps,
    minutes,
    epochs,
    checkpointSteps,
    validationSteps,
    seed,
};
split.Validators.Add(result =>
{
    var shares = Shares(result.GetValueOrDefault<string>());
    if (shares.Length != 3 || Array.Exists(shares, share => !(share >= 0)))
        result.AddError($"--masking-split must be three numbers, such as 80/10/10, but is '{result.GetValueOrDefault<string>()}'.");
    else if (Math.Abs(shares.Sum() - 1) > 1e-9)
        result.AddError(
            string.Create(
                CultureInfo.InvariantCulture,
                $"--masking-split must add up to 100 %, but {result.GetValueOrDefault<string>()} is {100 * shares.Sum():0.###} %."
            )
        );
});
command.Validators.Add(result =>
{
    if (result.GetResult(texts) is not null && result.GetResult(sdk) is not null)
        result.AddError("--texts and --sdk-documentation exclude each other.");
    if (result.GetResult(steps) is not null && result.GetResult(minutes) is not null)
        result.AddError("--steps and --minutes exclude each other.");
});
return CommandLine.Run(
    command,
    args,
    (options, cancellationToken) =>
        new Pretraining(
            AnsiConsole.Console,
            new()
            {
                Texts = options.GetValue(texts) ?? [],
                Format = options.GetValue(format),
                HeldOut = options.GetValue(heldOut),
                Output = options.GetValue(output)!,
                Work = options.GetValue(work),
                Resume = options.GetValue(resume),
                Float16 = options.GetValue(float16),
                Checkpoint = options.GetValue(checkpoint),
                Architecture = options.GetValue(architecture),
                VocabularySize = options.GetValue(vocabulary),
                Layers = options.GetValue(layers),
                Hidden = options.GetValue(hidden),
                Heads = options.GetValue(heads),
                Intermediate = options.GetValue(intermediate),
                Layout = options.GetValue(layout),
                Length = options.GetValue(length),
                Masking = Masking(options.GetValue(strategy), options.GetValue(rate), Shares(options.GetValue(split)!)),
                StaticMasking = options.GetValue(isStatic),
                BatchSize = options.GetValue(batch),
                Accumulation = options.GetValue(accumulation),
                LearningRate = options.GetValue(learningRate),
                WarmupRatio = options.GetValue(warmup),
                Steps = options.GetValue(steps),
                Minutes = options.GetValue(minutes),
                Epochs = options.GetValue(epochs),
                CheckpointSteps = options.GetValue(checkpointSteps),
                ValidationSteps = options.GetValue(validationSteps),
                Seed = options.GetValue(seed),
            },
            string.Join(' ', args)
        ).Run(cancellationToken)
);

static double[] Shares(string split) =>
    Array.ConvertAll(split.Split('/'), part => double.TryParse(part, CultureInfo.InvariantCulture, out var share) ? share / 100 : double.NaN);

static MaskingOptions Masking(MaskingStrategy strategy, double rate, double[] shares) =>
    new()
    {
        Strategy = strategy,
        Rate = rate,
        MaskShare = shares[0],
        RandomShare = shares[1],
        KeepShare = shares[2],
    };
