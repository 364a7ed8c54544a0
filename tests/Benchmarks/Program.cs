using System.CommandLine;
using BertMl.Benchmarks;

// Each file of this project holds one benchmark, which is one verb: dotnet run -c Release --project tests/Benchmarks -- VERB --help
var root = new RootCommand("Measures BertMl, beside its peers where the shared folder has them.");
foreach (var benchmark in Benchmark.All())
    root.Add(benchmark);
return root.Parse(args).Invoke();
