using System.Numerics.Tensors;

namespace BertMl.Networks;

/// <summary>
/// The interpreter that computes a network in plain C#, in double precision, by the textbook: slow, and independent of every library that
/// exported graphs are made for, so that they can be checked against it anywhere. It overrides no composite.
/// </summary>
internal sealed class ReferenceNetwork(ITensors weights) : INetwork<ReferenceTensor>
{
    // Hugging Face adds the least float32 to the scores of hidden keys: a query that sees nothing then attends to all alike.
    private const double Hidden = float.MinValue;

    /// <summary>The observed values.</summary>
    public Dictionary<string, ReferenceTensor> Observed { get; } = new(StringComparer.Ordinal);

    public ReferenceTensor Parameter(string name, Initialization initialization, params int[] shape) => new(shape, Read(name, Product(shape)));

    public ReferenceTensor Constant(string name, Func<float[]> values, params int[] shape) => new(shape, Array.ConvertAll(values(), value => (double)value));

    public ReferenceTensor Positions(ReferenceTensor ids, int? paddingId)
    {
        var positions = ids with { Data = new double[ids.Data.Length] };
        for (var row = 0; row < ids.Rows; row++)
        {
            var count = 0;
            for (var t = 0; t < ids.Last; t++)
                positions.Row(row)[t] =
                    paddingId is not { } padding ? t
                    : ids.Row(row)[t] == padding ? padding
                    : padding + ++count;
        }
        return positions;
    }

    public ReferenceTensor RelativePositions(ReferenceTensor ids, string name, int longest, Func<int, int> index)
    {
        var result = ReferenceTensor.Zeros(ids.Last, ids.Last);
        for (var i = 0; i < ids.Last; i++)
        for (var j = 0; j < ids.Last; j++)
            result.Row(i)[j] = index(i - j);
        return result;
    }

    public ReferenceTensor Embedding(ReferenceTensor ids, string weight, int rows, int width, int? paddingRow) =>
        Gather(Parameter(weight, Initialization.Normal, rows, width), ids);

    public ReferenceTensor Gather(ReferenceTensor table, ReferenceTensor indices)
    {
        var result = ReferenceTensor.Zeros([.. indices.Shape, table.Last]);
        for (var i = 0; i < indices.Data.Length; i++)
            table.Row((int)indices.Data[i]).CopyTo(result.Row(i));
        return result;
    }

    public ReferenceTensor GatherElements(ReferenceTensor x, ReferenceTensor indices)
    {
        var result = ReferenceTensor.Zeros([.. x.Shape[..^1], indices.Last]);
        for (var row = 0; row < x.Rows; row++)
        for (var j = 0; j < indices.Last; j++)
            result.Row(row)[j] = x.Row(row)[(int)indices.Row(row % indices.Rows)[j]];
        return result;
    }

    public ReferenceTensor Linear(ReferenceTensor x, string weight, string? bias, int inputs, int outputs, bool transposed)
    {
        var matrix = Read(weight, checked(inputs * outputs));
        var added = bias is null ? new double[outputs] : Read(bias, outputs);
        var result = ReferenceTensor.Zeros([.. x.Shape[..^1], outputs]);
        Parallel.For(
            0,
            outputs,
            () => new double[inputs],
            (output, _, row) =>
            {
                for (var i = 0; i < inputs; i++)
                    row[i] = transposed ? matrix[i * outputs + output] : matrix[output * inputs + i];
                for (var i = 0; i < x.Rows; i++)
                    result.Data[i * outputs + output] = TensorPrimitives.Dot<double>(row, x.Row(i)) + added[output];
                return row;
            },
            _ => { }
        );
        return result;
    }

    public ReferenceTensor MatMul(ReferenceTensor a, ReferenceTensor b)
    {
        var (n, k, m) = (a.Shape[^2], a.Last, b.Last);
        var leading = ReferenceTensor.Broadcast(a.Shape[..^2], b.Shape[..^2]);
        var result = ReferenceTensor.Zeros([.. leading, n, m]);
        for (var matrix = 0; matrix < Product(leading); matrix++)
        {
            var (first, second) = (ReferenceTensor.Index(leading, a.Shape[..^2], matrix) * n, ReferenceTensor.Index(leading, b.Shape[..^2], matrix) * k);
            for (var i = 0; i < n; i++)
            for (var j = 0; j < k; j++)
                TensorPrimitives.MultiplyAdd(b.Row(second + j), a.Row(first + i)[j], result.Row(matrix * n + i), result.Row(matrix * n + i));
        }
        return result;
    }

    public ReferenceTensor Add(ReferenceTensor a, ReferenceTensor b) => a.Zip(b, (x, y) => x + y);

    public ReferenceTensor Multiply(ReferenceTensor a, ReferenceTensor b) => a.Zip(b, (x, y) => x * y);

    public ReferenceTensor Scale(ReferenceTensor x, double factor, double shift) => x.Map(value => value * factor + shift);

    public ReferenceTensor Power(ReferenceTensor x, double exponent) => x.Map(value => Math.Pow(value, exponent));

    public ReferenceTensor Clip(ReferenceTensor x, double minimum, double maximum) => x.Map(value => Math.Clamp(value, minimum, maximum));

    public ReferenceTensor Map(ReferenceTensor x, ElementaryFunction function) =>
        x.Map(
            function switch
            {
                ElementaryFunction.Erf => Erf,
                ElementaryFunction.Exp => Math.Exp,
                ElementaryFunction.Log => Math.Log,
                ElementaryFunction.Tanh => Math.Tanh,
                ElementaryFunction.Sigmoid => value => 1 / (1 + Math.Exp(-value)),
                _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown function."),
            }
        );

    public ReferenceTensor Mean(ReferenceTensor x) =>
        new([.. x.Shape[..^1], 1], [.. Enumerable.Range(0, x.Rows).Select(row => TensorPrimitives.Sum<double>(x.Row(row)) / x.Last)]);

    public ReferenceTensor Softmax(ReferenceTensor x)
    {
        var result = x with { Data = new double[x.Data.Length] };
        for (var row = 0; row < x.Rows; row++)
        {
            // The greatest is taken off first, so that no exponential overflows and not all vanish.
            TensorPrimitives.Subtract(x.Row(row), TensorPrimitives.Max<double>(x.Row(row)), result.Row(row));
            TensorPrimitives.SoftMax<double>(result.Row(row), result.Row(row));
        }
        return result;
    }

    public ReferenceTensor LayerNorm(ReferenceTensor x, string name, int width, double epsilon, bool hasBias)
    {
        var (scale, shift) = (Read(name + ".weight", width), hasBias ? Read(name + ".bias", width) : new double[width]);
        var result = x with { Data = new double[x.Data.Length] };
        for (var row = 0; row < x.Rows; row++)
        {
            var normalized = result.Row(row);
            TensorPrimitives.Subtract(x.Row(row), TensorPrimitives.Sum<double>(x.Row(row)) / width, normalized);
            var deviation = Math.Sqrt(TensorPrimitives.SumOfSquares<double>(normalized) / width + epsilon);
            for (var i = 0; i < width; i++)
                normalized[i] = normalized[i] / deviation * scale[i] + shift[i];
        }
        return result;
    }

    public ReferenceTensor Dropout(ReferenceTensor x, double probability) => x;

    public ReferenceTensor Pad(ReferenceTensor x) => x;

    public ReferenceTensor Unpad(ReferenceTensor x) => x;

    public ReferenceTensor SplitLast(ReferenceTensor x, int outer, int inner) => x with { Shape = [.. x.Shape[..^1], outer, inner] };

    public ReferenceTensor MergeLast(ReferenceTensor x) => x with { Shape = [.. x.Shape[..^2], x.Shape[^2] * x.Last] };

    public ReferenceTensor Transpose(ReferenceTensor x, params int[] order)
    {
        var result = ReferenceTensor.Zeros(Array.ConvertAll(order, axis => x.Shape[axis]));
        var place = new int[order.Length];
        for (var i = 0; i < result.Data.Length; i++)
        {
            for (int axis = order.Length - 1, rest = i; axis >= 0; axis--)
                (place[order[axis]], rest) = (rest % result.Shape[axis], rest / result.Shape[axis]);
            var source = 0;
            for (var axis = 0; axis < place.Length; axis++)
                source = source * x.Shape[axis] + place[axis];
            result.Data[i] = x.Data[source];
        }
        return result;
    }

    public ReferenceTensor Slice(ReferenceTensor x, int start, int count) => x.MapRows(count, (source, target) => source.Slice(start, count).CopyTo(target));

    public ReferenceTensor Concat(params ReferenceTensor[] values)
    {
        var result = ReferenceTensor.Zeros([.. values[0].Shape[..^1], values.Sum(value => value.Last)]);
        for (var row = 0; row < result.Rows; row++)
        {
            var target = result.Row(row);
            foreach (var value in values)
            {
                value.Row(row).CopyTo(target);
                target = target[value.Last..];
            }
        }
        return result;
    }

    public ReferenceTensor MaskScores(ReferenceTensor scores, ReferenceTensor mask, AttentionMask rules)
    {
        var (heads, length) = (scores.Shape[1], scores.Last);
        var result = scores with { Data = [.. scores.Data] };
        for (var row = 0; row < result.Rows; row++)
        {
            var (text, query) = (row / length / heads, row % length);
            for (var key = 0; key < length; key++)
            {
                var isHidden =
                    mask.Row(text)[key] == 0
                    || (rules.Causal && key > query)
                    || (rules.Window is { } window && Math.Abs(key - query) > window)
                    || (rules.Queries && mask.Row(text)[query] == 0);
                if (isHidden)
                    result.Row(row)[key] = Hidden;
            }
        }
        return result;
    }

    public ReferenceTensor MaskTokens(ReferenceTensor x, ReferenceTensor mask) => Multiply(x, mask with { Shape = [.. mask.Shape, 1] });

    public ReferenceTensor MeanTokens(ReferenceTensor x, ReferenceTensor mask)
    {
        var result = ReferenceTensor.Zeros(x.Shape[0], x.Last);
        for (var row = 0; row < x.Rows; row++)
            TensorPrimitives.MultiplyAdd(x.Row(row), mask.Data[row], result.Row(row / x.Shape[1]), result.Row(row / x.Shape[1]));
        for (var text = 0; text < result.Rows; text++)
            TensorPrimitives.Divide(result.Row(text), TensorPrimitives.Sum<double>(mask.Row(text)), result.Row(text));
        return result;
    }

    public ReferenceTensor FirstTokens(ReferenceTensor x) => Pick(x, _ => 0);

    public ReferenceTensor LastTokens(ReferenceTensor x, ReferenceTensor mask) => Pick(x, text => mask.Row(text).LastIndexOf(1.0));

    public ReferenceTensor PredictedTokens(ReferenceTensor x) => x;

    public ReferenceTensor Feature(ReferenceTensor x, int index) => new(x.Shape[..^1], [.. Enumerable.Range(0, x.Rows).Select(row => x.Row(row)[index])]);

    public ReferenceTensor MergeChoices(ReferenceTensor ids) => ids with { Shape = [ids.Rows, ids.Last] };

    public ReferenceTensor SplitChoices(ReferenceTensor logits, ReferenceTensor ids) => logits with { Shape = ids.Shape[..2] };

    public void Observe(string name, ReferenceTensor value) => Observed[name] = value;

    private static ReferenceTensor Pick(ReferenceTensor x, Func<int, int> token)
    {
        var result = ReferenceTensor.Zeros(x.Shape[0], x.Last);
        for (var text = 0; text < x.Shape[0]; text++)
            x.Row(text * x.Shape[1] + token(text)).CopyTo(result.Row(text));
        return result;
    }

    private double[] Read(string name, int count)
    {
        var values = new float[count];
        weights.Read(name, values);
        return Array.ConvertAll(values, value => (double)value);
    }

    private static int Product(int[] shape) => shape.Aggregate(1, (product, size) => checked(product * size));

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
