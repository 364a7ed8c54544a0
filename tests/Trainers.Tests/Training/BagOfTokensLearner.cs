using BertMl.Batches;
using BertMl.Checkpoints;
using BertMl.Networks;
using BertMl.RandomNumbers;
using BertMl.Tokenization;
using BertMl.Torch;

namespace BertMl.Training;

/// <summary>
/// A learner that is quick and plain enough to test the loop with: logistic regression over the tokens of a row, with Adam and dropout of tokens.
/// </summary>
internal sealed class BagOfTokensLearner(int vocabulary, int classes, double dropout = 0.2) : ILearner
{
    private readonly double[] _weights = new double[vocabulary * classes];
    private readonly double[] _gradient = new double[vocabulary * classes];
    private readonly double[] _mean = new double[vocabulary * classes];
    private readonly double[] _square = new double[vocabulary * classes];
    private int _steps;

    /// <summary>Called before each step with the number of steps taken; may throw, or ask to return NaN.</summary>
    public Func<int, double>? OnAccumulate { get; set; }

    public Func<double>? OnEvaluate { get; set; }

    public List<double> LearningRates { get; } = [];

    public List<TokenBatchShape> Shapes { get; } = [];

    public string Device => "cpu";

    public string Precision => "float64";

    public LossSum Accumulate(TokenBatch batch, TrainingLabels labels, IReadOnlyList<double> scales, ulong seed)
    {
        Shapes.Add(new(batch.Rows, batch.Length));
        var factor = OnAccumulate?.Invoke(_steps) ?? 1;
        var sum = Run(batch, labels, scales[0], new CounterRandom(seed));
        return new([sum with { Loss = sum.Loss * factor }]);
    }

    public LossSum Evaluate(TokenBatch batch, TrainingLabels labels, Action<IReadOnlyDictionary<string, float[]>>? receive = null)
    {
        var outputs = new List<float>();
        var sum = Run(batch, labels, 0, null, outputs);
        receive?.Invoke(new Dictionary<string, float[]>(StringComparer.Ordinal) { ["logits"] = [.. outputs] });
        return new([OnEvaluate is null ? sum : sum with { Loss = OnEvaluate() * sum.Weight }]);
    }

    public double Step(double learningRate, double maxGradientNorm)
    {
        LearningRates.Add(learningRate);
        var norm = Math.Sqrt(_gradient.Sum(g => g * g));
        var clip = Math.Min(1, maxGradientNorm / (norm + 1e-6));
        _steps++;
        for (var i = 0; i < _weights.Length; i++)
        {
            var g = _gradient[i] * clip;
            _mean[i] = 0.9 * _mean[i] + 0.1 * g;
            _square[i] = 0.999 * _square[i] + 0.001 * g * g;
            _weights[i] -= learningRate * (_mean[i] / (1 - Math.Pow(0.9, _steps))) / (Math.Sqrt(_square[i] / (1 - Math.Pow(0.999, _steps))) + 1e-8);
        }
        Array.Clear(_gradient);
        return norm;
    }

    public string? FindNonFinite() => _weights.All(weight => float.IsFinite((float)weight)) ? null : "weights";

    public ITensors Snapshot() => new MemoryTensorsOfTest(_weights);

    public void SaveState(Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(_steps);
        foreach (var value in (double[])[.. _weights, .. _mean, .. _square])
            writer.Write(value);
    }

    public void LoadState(Stream stream)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        _steps = reader.ReadInt32();
        foreach (var array in (double[][])[_weights, _mean, _square])
        {
            for (var i = 0; i < array.Length; i++)
                array[i] = reader.ReadDouble();
        }
    }

    private TermSum Run(TokenBatch batch, TrainingLabels labels, double scale, CounterRandom? random, List<float>? outputs = null)
    {
        var sum = default(TermSum) with { Share = 1, IsAccuracy = true };
        var logits = new double[classes];
        for (var row = 0; row < batch.Rows; row++)
        {
            var tokens = new List<int>();
            for (var t = 0; t < batch.Length; t++)
            {
                var i = row * batch.Length + t;
                if (batch.AttentionMask[i] == 0)
                    continue;
                if (random is { } r)
                {
                    var dropped = r.Below(1000) < dropout * 1000;
                    random = r;
                    if (dropped)
                        continue;
                }
                tokens.Add((int)batch.InputIds[i]);
            }
            for (var c = 0; c < classes; c++)
                logits[c] = tokens.Sum(t => _weights[t * classes + c]);
            outputs?.AddRange(logits.Select(logit => (float)logit));
            var label = (int)labels["labels"]![row];
            var highest = logits.Max();
            var total = logits.Sum(l => Math.Exp(l - highest));
            var best = Array.IndexOf(logits, highest);
            sum += new TermSum(Math.Log(total) - (logits[label] - highest), 1, best == label ? 1 : 0, 1);
            for (var c = 0; c < classes; c++)
            {
                var error = (Math.Exp(logits[c] - highest) / total - (c == label ? 1 : 0)) * scale;
                foreach (var token in tokens)
                    _gradient[token * classes + c] += error;
            }
        }
        return sum;
    }
}

internal readonly record struct TokenBatchShape(int Rows, int Length);

/// <summary>Weights of the fake learner as a tensor.</summary>
internal sealed class MemoryTensorsOfTest(double[] weights) : ITensors
{
    private readonly float[] _values = [.. weights.Select(w => (float)w)];

    public IReadOnlyDictionary<string, TensorInfo> Infos =>
        new Dictionary<string, TensorInfo>(StringComparer.Ordinal) { ["weights"] = new("weights", TensorElementType.F32, [_values.Length]) };

    public void Read(string name, Span<float> destination) => _values.CopyTo(destination);

    public void Dispose() { }
}
