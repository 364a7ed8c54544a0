using System.CommandLine;

namespace BertMl.Benchmarks;

/// <summary>
/// One benchmark: a verb of the command line with its own options. A derived class is found by itself; it needs a public constructor without parameters.
/// Add options in the constructor with <see cref="Command.Add(Option)"/> and read them in <see cref="Run"/>.
/// </summary>
/// <param name="verb">The word on the command line.</param>
/// <param name="description">What is measured, and against what.</param>
internal abstract class Benchmark(string verb, string description) : Command(verb, description)
{
    /// <summary>Every benchmark of this assembly, by verb.</summary>
    public static IEnumerable<Benchmark> All() =>
        typeof(Benchmark)
            .Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Benchmark)) && !type.IsAbstract)
            .Select(type => (Benchmark)Activator.CreateInstance(type)!)
            .Select(benchmark =>
            {
                benchmark.SetAction(benchmark.RunOrTell);
                return benchmark;
            })
            .OrderBy(benchmark => benchmark.Name, StringComparer.Ordinal);

    // What is not beside the repository is no defect.
    private int RunOrTell(ParseResult options)
    {
        try
        {
            return Run(options);
        }
        catch (FileNotFoundException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }

    /// <summary>Measures and prints; returns the exit code.</summary>
    protected abstract int Run(ParseResult options);
}
