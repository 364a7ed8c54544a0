// Compares an NVIDIA GPU with the processor, in scoring and in training:
// dotnet run -c Release --project tests/Gpu -p:Gpu=true -p:GpuTraining=true [-- scoring|training] [--checkpoint DIR]
// Exit code: number of checks in which the GPU cannot be used or computes something else.
using System.CommandLine;
using BertMl;
using BertMl.Gpu;

var only = new Argument<string?>("CHECK") { Description = "scoring or training. Default: both.", Arity = ArgumentArity.ZeroOrOne };
only.AcceptOnlyFromAmong("scoring", "training");
var checkpoint = new Option<string>("--checkpoint")
{
    Description = "Folder of the model.",
    DefaultValueFactory = _ => Path.Combine(Repository.Root, "models", "bert-mini-dotnet"),
};
var command = new RootCommand("Compares an NVIDIA GPU with the processor, in scoring and in training.") { only, checkpoint };
command.SetAction(options =>
{
    var (part, folder) = (options.GetValue(only), options.GetValue(checkpoint)!);
    List<Check> checks = [];
    if (part is null or "scoring")
        checks.AddRange(Scoring.Checks(folder));
    if (part is null or "training")
        checks.Add(new("training", () => Training.Compare(folder)));
    return checks.Count(check => !check.Run());
});
return command.Parse(args).Invoke();
