using BertMl.Networks;
using BertMl.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>The kernels in plain torch operations: right on any device.</summary>
internal sealed class PlainKernels : Kernels
{
    private const ScalarType Float = ScalarType.Float32;

    public override Tensor ToOperand(Tensor x) => x.dtype == OperandType ? x : x.to(OperandType);

    public override Tensor Gather(Tensor table, int[] rows) => table.index_select(0, Index(rows, table));

    public override void ScatterAdd(Tensor table, int[] rows, Tensor x, int? skippedRow = null)
    {
        x = x.to(Float);
        if (skippedRow is { } skipped)
            x = x * tensor(Array.ConvertAll(rows, row => row == skipped ? 0f : 1f), [rows.Length, 1], device: x.device);
        table.IncreaseRows(Index(rows, table), x);
    }

    public override Tensor Add(Tensor a, Tensor b) => a.to(Float).Plus(b.to(Float));

    public override void AddTo(Tensor sum, Tensor x, bool replace)
    {
        if (replace)
            sum.copy_(x);
        else
            sum.Increase(x);
    }

    public override void AddRowsTo(Tensor sum, Tensor x, bool replace) => AddTo(sum, x.to(Float).sum([0]), replace);

    public override Tensor Activate(Tensor x, Activation function)
    {
        var u = x.to(Float);
        return ToOperand(
            function switch
            {
                Activation.Gelu => u * NormalCumulative(u),
                Activation.GeluTanh => u.Times(0.5) * TanhArgument(u).tanh().Plus(1.0),
                Activation.Relu => u.Positive(),
                Activation.Tanh => u.tanh(),
                Activation.Silu => u * u.sigmoid(),
                _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation."),
            }
        );
    }

    public override Tensor ActivateBackward(Tensor x, Tensor gradient, Activation function)
    {
        var u = x.to(Float);
        return ToOperand(gradient.to(Float) * Derivative(u, function));
    }

    private static Tensor Derivative(Tensor u, Activation function)
    {
        switch (function)
        {
            case Activation.Gelu:
                return NormalCumulative(u).Plus((u * u.Squared().Times(-0.5).exp()).Times(1 / Math.Sqrt(2 * Math.PI)));
            case Activation.GeluTanh:
                var tanh = TanhArgument(u).tanh();
                var inner = u.Squared().Times(3 * 0.044715).Plus(1.0).Times(Math.Sqrt(2 / Math.PI));
                return tanh.Plus(1.0).Times(0.5).Plus(u.Times(0.5) * tanh.Squared().FromOne() * inner);
            case Activation.Relu:
                return u.IsGreater(0).to(Float);
            case Activation.Tanh:
                return u.tanh().Squared().FromOne();
            case Activation.Silu:
                var sigmoid = u.sigmoid();
                return sigmoid * (u * sigmoid.FromOne()).Plus(1.0);
            default:
                throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation.");
        }
    }

    private static Tensor NormalCumulative(Tensor u) => u.Times(Math.Sqrt(0.5)).erf().Plus(1.0).Times(0.5);

    private static Tensor TanhArgument(Tensor u) => u.Plus(u.Power(3).Times(0.044715)).Times(Math.Sqrt(2 / Math.PI));

    public override Tensor Drop(Tensor x, Dropout dropout) => dropout.IsActive ? x.to(Float) * Factors(x, dropout) : x;

    public override Normalized Normalize(Tensor x, Tensor? residual, Tensor weight, Tensor bias, double epsilon, Dropout dropout)
    {
        var sum = Drop(x, dropout).to(Float);
        if (residual is not null)
            sum = sum.Plus(residual);
        var centered = sum - sum.mean([1], keepdim: true);
        var inverse = centered.Squared().mean([1], keepdim: true).Plus(epsilon).rsqrt();
        var standardized = centered * inverse;
        return new((standardized * weight).Plus(bias), null, standardized, inverse);
    }

    public override (Tensor X, Tensor Residual) NormalizeBackward(
        Normalized saved,
        Tensor gradient,
        Tensor? otherGradient,
        Weight weight,
        Weight bias,
        Dropout dropout
    )
    {
        gradient = otherGradient is null ? gradient.to(Float) : Add(gradient, otherGradient);
        if (!weight.Frozen)
            AddRowsTo(weight.Gradient, gradient * saved.Standardized, weight.TakeReplace());
        if (!bias.Frozen)
            AddRowsTo(bias.Gradient, gradient, bias.TakeReplace());
        var scaled = gradient * weight.Value;
        var sum =
            (scaled - scaled.mean([1], keepdim: true) - saved.Standardized * (scaled * saved.Standardized).mean([1], keepdim: true)) * saved.InverseDeviation;
        return (ToOperand(Drop(sum, dropout)), sum);
    }

    public override Attended Attend(Attention attention)
    {
        var probabilities = Probabilities(attention);
        var value = Padded(attention.Value.View(), attention.Keys, attention.LongestKeys, attention.Heads);
        var context = Dropped(attention, probabilities).matmul(value);
        return new(ToOperand(Packed(context, attention.Queries, attention.LongestQueries)), probabilities);
    }

    public override void AttendBackward(Attention attention, Attended saved, Tensor gradient, Columns query, Columns key, Columns value)
    {
        var probabilities = saved.Saved;
        var (queries, keys) = (attention.LongestQueries, attention.LongestKeys);
        var contextGradient = Padded(gradient, attention.Queries, queries, attention.Heads);
        var queryValues = Padded(attention.Query.View(), attention.Queries, queries, attention.Heads);
        var keyValues = Padded(attention.Key.View(), attention.Keys, keys, attention.Heads);
        var valueGradient = Dropped(attention, probabilities).transpose(2, 3).matmul(contextGradient);
        var probabilityGradient = contextGradient.matmul(Padded(attention.Value.View(), attention.Keys, keys, attention.Heads).transpose(2, 3));
        if (attention.Dropout.IsActive)
            probabilityGradient = probabilityGradient * attention.Dropout.Factors(ElementIndex(attention));
        var scores = (probabilities * (probabilityGradient - (probabilityGradient * probabilities).sum(-1, keepdim: true))).Times(attention.Scale);
        query.View().copy_(Packed(scores.matmul(keyValues), attention.Queries, queries));
        key.View().copy_(Packed(scores.transpose(2, 3).matmul(queryValues), attention.Keys, keys));
        value.View().copy_(Packed(valueGradient, attention.Keys, keys));
    }

    public override Tensor Probabilities(Attention attention)
    {
        var (queries, keys) = (attention.LongestQueries, attention.LongestKeys);
        var scores = Padded(attention.Query.View(), attention.Queries, queries, attention.Heads)
            .matmul(Padded(attention.Key.View(), attention.Keys, keys, attention.Heads).transpose(2, 3))
            .Times(attention.Scale);
        var rows = attention.Keys.Starts.Length - 1;
        var added = new float[rows * queries * keys];
        var isQuery = new bool[rows * queries];
        for (var row = 0; row < rows; row++)
        {
            var (start, count) = (attention.Keys.Starts[row], attention.Keys.Starts[row + 1] - attention.Keys.Starts[row]);
            var (firstQuery, queryCount) = (attention.Queries.Starts[row], attention.Queries.Starts[row + 1] - attention.Queries.Starts[row]);
            for (var q = 0; q < queryCount; q++)
                attention.Hide(added.AsSpan((row * queries + q) * keys, keys), firstQuery + q, start, count);
            isQuery.AsSpan(row * queries, queryCount).Fill(true);
        }
        var device = attention.Query.Of.device;
        scores = scores.Plus(tensor(added, [rows, 1, queries, keys], device: device));
        return scores.softmax(-1) * tensor(isQuery, [rows, 1, queries, 1], device: device);
    }

    private static Tensor Dropped(Attention attention, Tensor probabilities) =>
        attention.Dropout.IsActive ? probabilities * attention.Dropout.Factors(ElementIndex(attention)) : probabilities;

    private static Tensor ElementIndex(Attention attention)
    {
        var device = attention.Query.Of.device;
        var (starts, heads, keys) = (attention.Queries.Starts, attention.Heads, attention.LongestKeys);
        var query = tensor(starts.AsSpan(0, starts.Length - 1).ToArray(), dtype: ScalarType.Int64, device: device)
            .view(-1, 1, 1, 1)
            .Plus(TensorArithmetic.Integers(attention.LongestQueries, device).view(1, 1, -1, 1));
        var head = TensorArithmetic.Integers(heads, device).view(1, -1, 1, 1);
        return query.Times((long)heads).Plus(head).Times((long)keys).Plus(TensorArithmetic.Integers(keys, device));
    }

    // [tokens, heads × width] to [rows, heads, longest, width], with zeros where a row has fewer tokens.
    private static Tensor Padded(Tensor packed, PackedBatch.Rows rows, int longest, int heads)
    {
        var count = rows.Starts.Length - 1;
        var index = new int[count * longest];
        var valid = new float[count * longest];
        for (var row = 0; row < count; row++)
        for (var t = 0; t < rows.Starts[row + 1] - rows.Starts[row]; t++)
            (index[row * longest + t], valid[row * longest + t]) = (rows.Starts[row] + t, 1);
        var padded = packed.to(Float).index_select(0, Index(index, packed)) * tensor(valid, [count * longest, 1], device: packed.device);
        return padded.view(count, longest, heads, -1).transpose(1, 2);
    }

    private static Tensor Packed(Tensor padded, PackedBatch.Rows rows, int longest)
    {
        var index = new int[rows.Count];
        for (var row = 0; row < rows.Starts.Length - 1; row++)
        for (var t = rows.Starts[row]; t < rows.Starts[row + 1]; t++)
            index[t] = row * longest + t - rows.Starts[row];
        return padded.transpose(1, 2).reshape(padded.shape[0] * longest, -1).index_select(0, Index(index, padded));
    }

    public override (TermSum Sum, Tensor? Gradient) CrossEntropy(Tensor logits, ReadOnlySpan<long> targets, CrossEntropyOptions objective, double? scale)
    {
        var (rows, classes) = (logits.shape[0], logits.shape[1]);
        var device = logits.device;
        var target = tensor(targets.ToArray(), device: device);
        var counts = target.IsNot(-100).to(Float);
        var safe = target.Positive().view(-1, 1);
        var weights = objective.ClassWeights is { } given ? tensor(given, device: device) : ones(classes, device: device);
        var rowWeights = weights.index_select(0, safe.view(-1)) * counts;
        var logarithms = logits.to(Float).log_softmax(-1);
        var hard = rowWeights.Times(1 - objective.LabelSmoothing);
        var soft = counts.Times(objective.LabelSmoothing / classes);
        var loss = -(hard * logarithms.gather(1, safe).view(-1)).Plus(soft * logarithms.matmul(weights)).sum();
        var correct = (logarithms.argmax(-1).eq(target).to(Float) * counts).sum();
        var sum = new TermSum(loss.item<float>(), rowWeights.sum().item<float>(), (long)correct.item<float>(), (long)counts.sum().item<float>());
        if (scale is not { } factor)
            return (sum, null);
        var gradient = logarithms.exp() * hard.Plus(soft * weights.sum()).view(-1, 1) - soft.view(-1, 1) * weights;
        gradient.scatter_add_(1, safe, -hard.view(-1, 1));
        return (sum, ToOperand(gradient.Times(factor)));
    }

    public override double SumOfSquares(Tensor x) => x.Squared().sum().to(ScalarType.Float64).item<double>();

    public override void ClearRows(Tensor table, int[] rows) => table.ClearRows(Index(rows, table));

    public override void AdamW(AdamWStep step, Tensor value, Tensor gradient, Tensor first, Tensor second, Tensor? operand, TableRows? rows)
    {
        if (rows is not null)
            ClearRows(gradient.view(rows.Count, -1), rows.Untouched());
        gradient = gradient.Times(step.GradientScale);
        first.Scale(step.Beta1).Increase(gradient.Times(1 - step.Beta1));
        second.Scale(step.Beta2).Increase(gradient.Squared().Times(1 - step.Beta2));
        value.Scale(1 - step.LearningRate * step.Decay);
        value.sub_(first.Times(step.StepSize) / second.sqrt().Over(step.SecondCorrection).Plus(step.Epsilon));
        operand?.copy_(value);
    }

    private static Tensor Factors(Tensor x, Dropout dropout) => dropout.Factors(TensorArithmetic.Integers(x.numel(), x.device)).view(x.shape);

    private static Tensor Index(int[] rows, Tensor x) => tensor(rows, dtype: ScalarType.Int64, device: x.device);
}
