using System.CommandLine;
using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Torch;

namespace BertMl.Benchmarks;

/// <summary>Does memory stay flat over many training steps?</summary>
internal sealed class TrainingMemoryBenchmark : Benchmark
{
    private readonly Option<int> _steps = new("--steps") { DefaultValueFactory = _ => 2000 };

    public TrainingMemoryBenchmark()
        : base("training-memory", "Resident memory over training steps of all lengths (floor: flat within 5 % after warm-up)") => Add(_steps);

    protected override int Run(ParseResult options)
    {
        var steps = options.GetValue(_steps);
        using var source = PretrainedModel.Create(BertConfig.Tiny, Head.SequenceClassification, null, seed: 1);
        using var model = new TorchModel(source.Config, source.Head, source.Weights, new());
        var random = new Random(1);
        var (texts, batch) = (new TokenizedTexts(), new TokenBatch());
        var (warm, greatest) = (0L, 0L);
        for (var step = 1; step <= steps; step++)
        {
            texts.Clear();
            for (var row = 0; row < 32; row++)
                texts.Add([.. Enumerable.Range(0, random.Next(4, 4 + step % 60)).Select(_ => random.Next(1000, 30000))], 1, truncated: false);
            batch.Fill(texts, [.. Enumerable.Range(0, 32)], 0);
            model.Accumulate(batch, new() { ["labels"] = [.. Enumerable.Range(0, 32).Select(row => (long)row % 2)] }, [1 / 32.0], (ulong)step);
            model.Step(1e-5, 1);
            if (step % Math.Max(1, steps / 20) != 0)
                continue;
            // Garbage that the collector may keep for later is no growth. The first fifth is warm-up.
            GC.Collect();
            if (step <= steps / 5)
                warm = Math.Max(warm, Environment.WorkingSet);
            else
                greatest = Math.Max(greatest, Environment.WorkingSet);
            Console.WriteLine(
                $"{step, 6} steps {Environment.WorkingSet / 1e6, 7:F0} MB resident {GC.GetTotalMemory(forceFullCollection: false) / 1e6, 7:F1} MB "
                    + $"managed {TorchSharp.torch.Tensor.TotalCount} tensors"
            );
        }
        Console.WriteLine($"greatest after warm-up / warm-up: {(double)greatest / warm:F3}");
        return 0;
    }
}
