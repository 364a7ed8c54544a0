// Exports a model as ONNX, with hidden states and attentions as further outputs; what is written is checked against an independent computation.
#:project ../../src/Transforms/BertMl.Transforms.csproj

using BertMl.Checkpoints;
using BertMl.Onnx;
using Microsoft.ML.OnnxRuntime;

var folder = args.Length > 0 ? args[0] : "models/bert-mini-dotnet";
Directory.CreateDirectory("artifacts/recipes");
using (var model = PretrainedModel.Load(folder))
{
    var report = model.SaveOnnx("artifacts/recipes/model.onnx", new() { HiddenStates = true, Attentions = true });
    Console.WriteLine($"{report.Path}: largest difference {report.LargestDifference:E1}");
}

// Any runtime of ONNX reads it.
using var session = new InferenceSession("artifacts/recipes/model.onnx");
foreach (var (name, input) in session.InputMetadata)
    Console.WriteLine($"in   {name} [{string.Join(", ", input.SymbolicDimensions)}]");
foreach (var name in session.OutputMetadata.Keys)
    Console.WriteLine($"out  {name}");
