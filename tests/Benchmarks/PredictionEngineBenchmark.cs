using System.CommandLine;
using System.Diagnostics;
using BertMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace BertMl.Benchmarks;

/// <summary>One sentence from text to label through a <see cref="PredictionEngine{TSrc, TDst}"/>, beside the bare call of ONNX Runtime on its tokens.</summary>
internal sealed class PredictionEngineBenchmark : Benchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Folder of a classifier. Default: all-MiniLM-L6-v2 of the shared folder with a new head.",
    };
    private readonly Option<string> _text = new("--text")
    {
        DefaultValueFactory = _ => "a sometimes tedious film , but one that has its heart in the right place .",
    };
    private readonly Option<int> _rounds = new("--rounds") { DefaultValueFactory = _ => 1000 };

    public PredictionEngineBenchmark()
        : base("prediction-engine", "PredictionEngine.Predict beside the bare ONNX Runtime call, one sentence (floor: at most 1.15 times)")
    {
        Add(_checkpoint);
        Add(_text);
        Add(_rounds);
    }

    protected override int Run(ParseResult options)
    {
        using var folder = new ClassifierFolder(options.GetValue(_checkpoint));
        var text = options.GetValue(_text)!;
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(new[] { new Input { Text = text } });
        using var transformer = context.Transforms.Text.ApplyBertClassification(folder.Path).Fit(data);
        using var engine = context.Model.CreatePredictionEngine<Input, Output>(transformer, new PredictionEngineOptions { OwnsTransformer = false });

        // The same graph, weights and tokens; the tensors are made once, and nothing is done with the result.
        var file = Path.Combine(folder.Path, "bare.onnx");
        transformer.SaveOnnx(file, new OnnxExportOptions { Operators = OnnxOperators.Fused });
        using var session = new InferenceSession(file);
        using var run = new RunOptions();
        var ids = new int[transformer.MaximumLength];
        var count = transformer.Tokenizer.Encode(text, default, hasPair: false, ids).Count;
        OrtValue Tensor(IEnumerable<long> values) => OrtValue.CreateTensorValueFromMemory(values.ToArray(), [1, count]);
        using var inputIds = Tensor(ids.Take(count).Select(id => (long)id));
        using var mask = Tensor(Enumerable.Repeat(1L, count));
        using var types = Tensor(Enumerable.Repeat(0L, count));
        var input = new Input { Text = text };
        var output = new Output();
        void Engine() => engine.Predict(input, ref output);
        void Bare() => session.Run(run, ["input_ids", "attention_mask", "token_type_ids"], [inputIds, mask, types], ["logits"]).Dispose();
        // Until the code of both is compiled with all optimizations, which the runtime does some time after the first calls.
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < WarmUp; )
        {
            Engine();
            Bare();
        }
        var result = PairedRuns.Measure(Engine, Bare, options.GetValue(_rounds));
        Console.WriteLine(
            $"{count} tokens; engine {1e6 * result.FirstSeconds:F0} us, bare session {1e6 * result.SecondSeconds:F0} us, ratio {1 / result.Speedup:F3}"
        );
        return 0;
    }

    internal sealed class Input
    {
        public string Text { get; set; } = "";
    }

    internal sealed class Output
    {
        public uint PredictedLabel { get; set; }

        [VectorType]
        public float[] Score { get; set; } = [];
    }
}
