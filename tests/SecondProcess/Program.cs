// BertMl.SecondProcess MODEL.zip TEXT...
// What a service does that was given a saved model: loads it by plain ML.NET, with nothing of BertMl named and no libtorch near, and predicts.
// Prints a line for each text: the predicted label, then the scores. Run by the tests. Exit code 1: libtorch is near after all; 2: a socket is open.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

var context = new MLContext();
var model = context.Model.Load(args[0], out _);
using var engine = context.Model.CreatePredictionEngine<Input, Output>(model);
foreach (var text in args.Skip(1))
{
    var output = engine.Predict(new() { Text = text });
    Console.WriteLine($"{output.Category}\t{string.Join('\t', output.Score.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))}");
}
if (AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name is "TorchSharp" or "BertMl.Trainers"))
    return 1;
return OperatingSystem.IsLinux() && OpenFiles().Any(file => file.StartsWith("socket:", StringComparison.Ordinal)) ? 2 : 0;

// Input, output and errors are the caller's.
static IEnumerable<string> OpenFiles() =>
    new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Where(link => link.Name is not ("0" or "1" or "2")).Select(link => link.LinkTarget ?? "");

internal sealed class Input
{
    public string Text { get; set; } = "";
}

internal sealed class Output
{
    public string Category { get; set; } = "";

    [VectorType]
    public float[] Score { get; set; } = [];
}
