using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.Tokenization;
using BertMl.Torch;

namespace BertMl.Benchmarks;

/// <summary>Tokens a second of pretraining by masked language modelling, beside Hugging Face with the fused optimizer, in float32 and with bfloat16 autocast, in the same run.</summary>
internal sealed class PretrainingBenchmark : Benchmark
{
    private readonly Option<int> _layers = new("--layers") { DefaultValueFactory = _ => 4 };
    private readonly Option<int> _hidden = new("--hidden") { DefaultValueFactory = _ => 256 };
    private readonly Option<int> _heads = new("--heads") { DefaultValueFactory = _ => 4 };
    private readonly Option<int> _vocabulary = new("--vocabulary") { DefaultValueFactory = _ => 8000 };
    private readonly Option<int> _length = new("--length") { DefaultValueFactory = _ => 128 };
    private readonly Option<int> _batch = new("--batch") { DefaultValueFactory = _ => 32 };
    private readonly Option<int> _steps = new("--steps") { Description = "Steps of each round, after three to warm up; the median counts.", DefaultValueFactory = _ => 20 };
    private readonly Option<int> _rounds = new("--rounds") { Description = "Times that each is measured, in turn.", DefaultValueFactory = _ => 3 };
    private readonly Option<TrainingPrecision> _precision = new("--precision") { Description = "Arithmetic of BertMl.", DefaultValueFactory = _ => TrainingPrecision.Auto };

    public PretrainingBenchmark() : base("pretraining", "Whole steps of masked language modelling on random ids: tokens a second, beside Hugging Face.")
    {
        foreach (var option in (Option[])[_layers, _hidden, _heads, _vocabulary, _length, _batch, _steps, _rounds, _precision])
            Add(option);
    }

    protected override int Run(ParseResult options)
    {
        var config = new BertConfig
        {
            NumHiddenLayers = options.GetValue(_layers),
            HiddenSize = options.GetValue(_hidden),
            NumAttentionHeads = options.GetValue(_heads),
            IntermediateSize = 4 * options.GetValue(_hidden),
            VocabSize = options.GetValue(_vocabulary),
            MaxPositionEmbeddings = Math.Max(512, options.GetValue(_length)),
        };
        var (batch, length, steps, rounds) = (options.GetValue(_batch), options.GetValue(_length), options.GetValue(_steps), options.GetValue(_rounds));
        using var model = PretrainedModel.Create(config, ModelTask.MaskedLM, null);
        using var learner = new TorchModel(config, ModelTask.MaskedLM, model.Weights, new() { Precision = options.GetValue(_precision) });
        var (own, float32, bfloat16) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            own.Add(batch * length / Own(learner, config, batch, length, steps));
            float32.Add(Peer(config, batch, length, steps));
            bfloat16.Add(Peer(config, batch, length, steps, "--bf16"));
            Print($"round {round + 1}: BertMl {own[^1]:N0} tokens/s ({learner.Precision}), Hugging Face {float32[^1]:N0} float32, {bfloat16[^1]:N0} bfloat16 autocast");
        }
        var best = float32.Zip(bfloat16, Math.Max).ToList();
        Print($"BertMl is {PairedRuns.Median(own.Zip(best, (a, b) => a / b)):F2} times as fast as the better of the two (median of {rounds} rounds; batches of {batch} x {length}, {config.NumHiddenLayers} layers of {config.HiddenSize}).");
        return 0;
    }

    // What the peer does: random ids, 15 % of them masked, a step of AdamW with clipping.
    private static double Own(TorchModel learner, BertConfig config, int batch, int length, int steps)
    {
        const int mask = 4, warm = 3;
        var random = new Random(1);
        var (texts, tokens, times) = (new TokenizedTexts(), new TokenBatch(), new List<double>());
        var ids = new int[length];
        for (var step = 0; step < warm + steps; step++)
        {
            var start = Stopwatch.GetTimestamp();
            texts.Clear();
            var labels = new long[batch * length];
            Array.Fill(labels, -100);
            for (var row = 0; row < batch; row++)
            {
                for (var i = 0; i < length; i++)
                {
                    ids[i] = random.Next(5, config.VocabSize);
                    if (random.NextDouble() >= 0.15)
                        continue;
                    labels[row * length + i] = ids[i];
                    ids[i] = mask;
                }
                texts.Add(ids, length, truncated: false);
            }
            tokens.Fill(texts, Enumerable.Range(0, batch).ToArray(), config.PadTokenId);
            learner.Accumulate(tokens, new() { Classes = labels }, 1.0 / labels.Count(label => label >= 0), (ulong)step);
            learner.Step(1e-4, 1);
            if (step >= warm)
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return PairedRuns.Median(times);
    }

    private static double Peer(BertConfig config, int batch, int length, int steps, params string[] more)
    {
        (string Name, int Value)[] shape = [("--layers", config.NumHiddenLayers), ("--hidden", config.HiddenSize), ("--heads", config.NumAttentionHeads), ("--inner", config.IntermediateSize),
            ("--vocab", config.VocabSize), ("--length", length), ("--batch", batch), ("--steps", steps), ("--threads", Environment.ProcessorCount)];
        using var document = JsonDocument.Parse(SharedFolder.RunPeer("hf_mlm.py", shape.SelectMany(option => (string[])[option.Name, option.Value.ToString(CultureInfo.InvariantCulture)]).Concat(more)));
        return document.RootElement.GetProperty("tokens_per_s").GetDouble();
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
