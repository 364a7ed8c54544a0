using System.Numerics.Tensors;
using BertMl.Checkpoints;
using BertMl.Networks;

namespace BertMl.Networks;

/// <summary>Numbers and their dimensions, row-major.</summary>
internal sealed record ReferenceTensor(int[] Shape, double[] Data)
{
    public int Last => Shape[^1];

    public Span<double> Row(int index) => Data.AsSpan(index * Last, Last);

    public int Rows => Data.Length / Last;
}

/// <summary>
/// The interpreter that computes a network in plain C#, in double precision, by the textbook: slow, and independent of every library that
/// exported graphs are made for, so that they can be checked against it anywhere.
/// </summary>
internal sealed class ReferenceNetwork(ITensors weights) : INetwork<ReferenceTensor>
{
    /// <summary>The observed values.</summary>
    public Dictionary<string, ReferenceTensor> Observed { get; } = new(StringComparer.Ordinal);

    public ReferenceTensor Embedding(ReferenceTensor ids, string weight, int rows, int width, int? paddingRow = null)
    {
        var table = Read(weight, checked(rows * width));
        var result = new ReferenceTensor([.. ids.Shape, width], new double[ids.Data.Length * width]);
        for (var i = 0; i < ids.Data.Length; i++)
            TensorPrimitives.ConvertChecked<float, double>(table.AsSpan((int)ids.Data[i] * width, width), result.Row(i));
        return result;
    }

    public ReferenceTensor PositionEmbedding(ReferenceTensor ids, string weight, int rows, int width)
    {
        var result = new ReferenceTensor([1, ids.Last, width], new double[ids.Last * width]);
        TensorPrimitives.ConvertChecked<float, double>(Read(weight, rows * width).AsSpan(0, ids.Last * width), result.Data);
        return result;
    }

    public ReferenceTensor Linear(ReferenceTensor x, string weight, string? bias, int inputs, int outputs)
    {
        var matrix = Read(weight, checked(inputs * outputs));
        var added = bias is null ? new float[outputs] : Read(bias, outputs);
        var result = new ReferenceTensor([.. x.Shape[..^1], outputs], new double[x.Rows * outputs]);
        Parallel.For(
            0,
            outputs,
            () => new double[inputs],
            (output, _, row) =>
            {
                TensorPrimitives.ConvertChecked<float, double>(matrix.AsSpan(output * inputs, inputs), row);
                for (var i = 0; i < x.Rows; i++)
                    result.Data[i * outputs + output] = TensorPrimitives.Dot<double>(row, x.Row(i)) + added[output];
                return row;
            },
            _ => { }
        );
        return result;
    }

    public ReferenceTensor Activation(ReferenceTensor x, Activation function) =>
        Map(
            x,
            function switch
            {
                Networks.Activation.Gelu => value => value * 0.5 * (1 + Erf(value / Math.Sqrt(2))),
                Networks.Activation.GeluTanh => value => 0.5 * value * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (value + 0.044715 * value * value * value))),
                Networks.Activation.Relu => value => Math.Max(value, 0),
                Networks.Activation.Tanh => Math.Tanh,
                Networks.Activation.Silu => value => value / (1 + Math.Exp(-value)),
                _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation."),
            }
        );

    public ReferenceTensor Add(ReferenceTensor a, ReferenceTensor b)
    {
        var sum = new double[a.Data.Length];
        for (var i = 0; i < sum.Length; i++)
            sum[i] = a.Data[i] + b.Data[i % b.Data.Length];
        return a with { Data = sum };
    }

    public ReferenceTensor LayerNorm(ReferenceTensor x, string name, int width, double epsilon)
    {
        var (scale, shift) = (Read(name + ".weight", width), Read(name + ".bias", width));
        var result = x with { Data = new double[x.Data.Length] };
        for (var r = 0; r < x.Rows; r++)
        {
            var values = x.Row(r);
            var normalized = result.Row(r);
            var mean = TensorPrimitives.Sum<double>(values) / width;
            TensorPrimitives.Subtract(values, mean, normalized);
            var deviation = Math.Sqrt(TensorPrimitives.SumOfSquares<double>(normalized) / width + epsilon);
            for (var i = 0; i < width; i++)
                normalized[i] = normalized[i] / deviation * scale[i] + shift[i];
        }
        return result;
    }

    public ReferenceTensor AddAndNorm(ReferenceTensor x, ReferenceTensor residual, string name, int width, double epsilon, double dropout) =>
        LayerNorm(Add(x, residual), name, width, epsilon);

    public ReferenceTensor Dropout(ReferenceTensor x, double probability) => x;

    public ReferenceTensor SelfAttention(
        ReferenceTensor x,
        ReferenceTensor mask,
        string query,
        string key,
        string value,
        int width,
        int heads,
        double dropout,
        string observed
    )
    {
        ReferenceTensor Project(string name) => Linear(x, name + ".weight", name + ".bias", width, width);
        var (q, k, v) = (Project(query), Project(key), Project(value));
        var (batch, length, size) = (x.Shape[0], x.Shape[1], width / heads);
        var probabilities = new ReferenceTensor([batch, heads, length, length], new double[batch * heads * length * length]);
        var result = x with { Data = new double[x.Data.Length] };
        for (var row = 0; row < probabilities.Rows; row++)
        {
            var (b, head, token) = (row / length / heads, row / length % heads, row % length);
            var scores = probabilities.Row(row);
            Span<double> Part(ReferenceTensor of, int t) => of.Row(b * length + t).Slice(head * size, size);
            // The least float is added to padding, as Hugging Face does: a row of nothing but padding attends to all alike.
            for (var t = 0; t < length; t++)
                scores[t] = TensorPrimitives.Dot<double>(Part(q, token), Part(k, t)) / Math.Sqrt(size) + (1 - mask.Row(b)[t]) * float.MinValue;
            // The greatest score is taken off first, so that no exponential overflows or all vanish.
            TensorPrimitives.Subtract(scores, TensorPrimitives.Max<double>(scores), scores);
            TensorPrimitives.SoftMax<double>(scores, scores);
            for (var t = 0; t < length; t++)
                TensorPrimitives.MultiplyAdd(Part(v, t), scores[t], Part(result, token), Part(result, token));
        }
        Observe(observed, probabilities);
        return result;
    }

    public ReferenceTensor Token(ReferenceTensor x, int position) =>
        new([x.Shape[0], x.Last], [.. Enumerable.Range(0, x.Shape[0]).SelectMany(b => x.Row(b * x.Shape[1] + position).ToArray())]);

    public ReferenceTensor Feature(ReferenceTensor x, int index) => new(x.Shape[..^1], [.. Enumerable.Range(0, x.Rows).Select(r => x.Row(r)[index])]);

    public ReferenceTensor PredictedTokens(ReferenceTensor x) => x;

    public ReferenceTensor MergeChoices(ReferenceTensor ids) => ids with { Shape = [ids.Rows, ids.Last] };

    public ReferenceTensor SplitChoices(ReferenceTensor logits, ReferenceTensor ids) => logits with { Shape = ids.Shape[..2] };

    public void Observe(string name, ReferenceTensor value) => Observed[name] = value;

    private float[] Read(string name, int count)
    {
        var values = new float[count];
        weights.Read(name, values);
        return values;
    }

    private static ReferenceTensor Map(ReferenceTensor x, Func<double, double> function) =>
        x with
        {
            Data = Array.ConvertAll(x.Data, value => function(value)),
        };

    // Abramowitz and Stegun 7.1.6, a series of positive terms; beyond 6, erf is 1 to the last digit.
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 6)
            return Math.Sign(x);
        double term = x,
            sum = x;
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
            sum += term *= 2 * x * x / (2 * n + 1);
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
