// Compares an NVIDIA GPU with the processor, in scoring and in training, from models/bert-mini-dotnet:
// dotnet run -c Release --project tests/Gpu -p:Gpu=true -p:GpuTraining=true
// Exit code 0 where both compute the same on the GPU.
using BertMl.Gpu;

Check[] checks = [new("scoring", Scoring.Compare), new("training", Training.Compare)];
return checks.Count(check => !check.Run());
