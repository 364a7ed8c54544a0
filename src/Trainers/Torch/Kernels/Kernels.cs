using BertMl.Networks;
using BertMl.Training;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// The arithmetic of a step other than matrix products, forward and backward. Values are matrices with a row a token, [tokens, width] unless it is said.
/// Matrices may be float32 or, beside products in mixed precision, bfloat16; the sums are float32 in any case.
/// </summary>
internal abstract class Kernels
{
    /// <summary>Type of what goes into a matrix product and comes out of it.</summary>
    public required ScalarType OperandType { get; init; }

    /// <summary>The matrix in <see cref="OperandType"/>; itself where it is so already.</summary>
    public abstract Tensor ToOperand(Tensor x);

    /// <summary>Rows of a table: of [rows of the table, width], [as many as are asked for, width].</summary>
    public abstract Tensor Gather(Tensor table, int[] rows);

    /// <summary>Adds to rows of a float32 table, in order; a row may occur several times.</summary>
    /// <param name="table">[rows of the table, width].</param>
    /// <param name="rows">The row that each row of <paramref name="x"/> is added to.</param>
    /// <param name="x">[as many as <paramref name="rows"/>, width].</param>
    /// <param name="skippedRow">A row of the table that stays as it is, or null.</param>
    public abstract void ScatterAdd(Tensor table, int[] rows, Tensor x, int? skippedRow = null);

    /// <summary>a + b, float32: both of one shape, that of the result.</summary>
    public abstract Tensor Add(Tensor a, Tensor b);

    /// <summary>Adds a matrix of the operand type to (or, where <paramref name="replace"/>, writes it over) a float32 one of as many elements.</summary>
    public abstract void AddTo(Tensor sum, Tensor x, bool replace);

    /// <summary>Adds the sum over all rows of x, [tokens, width], to (or writes it over) a float32 vector, [width].</summary>
    public abstract void AddRowsTo(Tensor sum, Tensor x, bool replace);

    /// <summary>Is there a kernel for an activation?</summary>
    public static bool HasActivation(Activation function) =>
        function is Activation.Gelu or Activation.GeluTanh or Activation.Relu or Activation.Tanh or Activation.Silu;

    /// <summary>The activation of each element: [tokens, width] of the operand type.</summary>
    public abstract Tensor Activate(Tensor x, Activation function);

    /// <summary>Gradient of <see cref="Activate"/>'s input, in the operand type.</summary>
    public abstract Tensor ActivateBackward(Tensor x, Tensor gradient, Activation function);

    /// <summary>Dropout: its own gradient too.</summary>
    public abstract Tensor Drop(Tensor x, Dropout dropout);

    /// <summary>LayerNorm(dropout(x) + residual).</summary>
    /// <param name="x">[tokens, width].</param>
    /// <param name="residual">[tokens, width], or null: none.</param>
    /// <param name="weight">Scale, [width].</param>
    /// <param name="bias">Shift, [width].</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="dropout">Of x.</param>
    public abstract Normalized Normalize(Tensor x, Tensor? residual, Tensor weight, Tensor bias, double epsilon, Dropout dropout);

    /// <summary>Gradients of <see cref="Normalize"/>: of x (operand type), of the residual (float32), and those of the parameters, added to theirs.</summary>
    /// <param name="saved">What <see cref="Normalize"/> returned.</param>
    /// <param name="gradient">Gradient of the result, [tokens, width]: a sum of one or two.</param>
    /// <param name="otherGradient">The second, of the same shape, or null.</param>
    /// <param name="weight">Scale, [width].</param>
    /// <param name="bias">Shift, [width].</param>
    /// <param name="dropout">As in <see cref="Normalize"/>.</param>
    public abstract (Tensor X, Tensor Residual) NormalizeBackward(
        Normalized saved,
        Tensor gradient,
        Tensor? otherGradient,
        Weight weight,
        Weight bias,
        Dropout dropout
    );

    /// <summary>softmax(scale × query · keyᵀ), hidden keys left out, with dropout, times the values; each head by itself: [queries, heads × width].</summary>
    public abstract Attended Attend(Attention attention);

    /// <summary>Gradients of query, key and value, written to matrices of the operand type.</summary>
    /// <param name="attention">What was attended to.</param>
    /// <param name="saved">What <see cref="Attend"/> returned.</param>
    /// <param name="gradient">Gradient of its result, [queries, heads × width].</param>
    /// <param name="query">Receives that of the queries, [queries, heads × width].</param>
    /// <param name="key">Receives that of the keys, [tokens, heads × width].</param>
    /// <param name="value">Receives that of the values, [tokens, heads × width].</param>
    public abstract void AttendBackward(Attention attention, Attended saved, Tensor gradient, Columns query, Columns key, Columns value);

    /// <summary>Attention probabilities before dropout, [rows, heads, queries, keys], padded with zeros.</summary>
    public abstract Tensor Probabilities(Attention attention);

    /// <summary>Cross entropy of rows of logits.</summary>
    /// <param name="logits">[rows, classes].</param>
    /// <param name="targets">A class a row; -100 does not count.</param>
    /// <param name="objective">Class weights and label smoothing.</param>
    /// <param name="scale">Factor of the gradient, or null for no gradient.</param>
    public abstract (TermSum Sum, Tensor? Gradient) CrossEntropy(Tensor logits, ReadOnlySpan<long> targets, CrossEntropyOptions objective, double? scale);

    /// <summary>Sum of the squares of a float32 vector.</summary>
    public abstract double SumOfSquares(Tensor x);

    /// <summary>Sets rows of a float32 table to zero.</summary>
    public abstract void ClearRows(Tensor table, int[] rows);

    /// <summary>A step of AdamW on parts of flat vectors.</summary>
    /// <param name="step">Numbers.</param>
    /// <param name="value">The parameters.</param>
    /// <param name="gradient">Their gradient.</param>
    /// <param name="first">First moments.</param>
    /// <param name="second">Second moments.</param>
    /// <param name="operand">A copy of the parameters in the operand type, or null.</param>
    /// <param name="rows">For a table, which rows have a gradient (it is zero elsewhere, whatever the memory holds), or null: all.</param>
    public abstract void AdamW(AdamWStep step, Tensor value, Tensor gradient, Tensor first, Tensor second, Tensor? operand, TableRows? rows);
}

/// <summary>Result of layer normalization and what its backward pass needs.</summary>
/// <param name="Value">The result, float32, [tokens, width].</param>
/// <param name="Operand">The result in the operand type, where that was made along with it.</param>
/// <param name="Standardized">The result before scale and shift, [tokens, width].</param>
/// <param name="InverseDeviation">1 / standard deviation of each row, [tokens, 1].</param>
internal readonly record struct Normalized(Tensor Value, Tensor? Operand, Tensor Standardized, Tensor InverseDeviation);

/// <summary>Some columns of a matrix.</summary>
/// <param name="Of">The matrix, [tokens, all columns].</param>
/// <param name="First">The first column.</param>
/// <param name="Width">Number of columns.</param>
internal readonly record struct Columns(Tensor Of, int First, int Width)
{
    /// <summary>The columns as a tensor over the same memory, [tokens, <see cref="Width"/>].</summary>
    public Tensor View() => Of.narrow(1, First, Width);
}

/// <summary>Multi-head attention over packed rows.</summary>
/// <param name="Query">[queries, heads × width].</param>
/// <param name="Key">[tokens, heads × width].</param>
/// <param name="Value">[tokens, heads × width].</param>
/// <param name="Queries">The tokens of the query rows.</param>
/// <param name="Keys">The tokens of the key rows.</param>
/// <param name="Mask">1 for each key that counts, or null: all.</param>
/// <param name="Heads">Number of heads.</param>
/// <param name="Dropout">Dropout of probabilities.</param>
internal sealed record Attention(
    Columns Query,
    Columns Key,
    Columns Value,
    PackedBatch.Rows Queries,
    PackedBatch.Rows Keys,
    long[]? Mask,
    int Heads,
    Dropout Dropout
)
{
    public int HeadWidth => Query.Width / Heads;

    /// <summary>Factor of the scores.</summary>
    public required double Scale { get; init; }

    /// <summary>Keys that are hidden, beside padding.</summary>
    public AttentionMask Rules { get; init; }

    /// <summary>Writes minus infinity to the scores of keys that a query does not see; one that sees nothing attends to all alike.</summary>
    /// <param name="scores">The row's scores, and what fills up the last vector.</param>
    /// <param name="query">The query, counted over the batch.</param>
    /// <param name="firstKey">The row's first key, counted over the batch.</param>
    /// <param name="keys">Number of the row's keys.</param>
    public void Hide(Span<float> scores, int query, int firstKey, int keys)
    {
        scores[keys..].Fill(float.NegativeInfinity);
        if (Mask is null && Rules == default)
            return;
        var row = scores[..keys];
        if (Rules != default)
        {
            var position = Queries.Tokens[query] - firstKey;
            var window = Rules.Window ?? keys;
            row[..Math.Clamp(position - window, 0, keys)].Fill(float.NegativeInfinity);
            row[Math.Clamp((Rules.Causal ? position : position + window) + 1, 0, keys)..].Fill(float.NegativeInfinity);
        }
        if (Mask is { } mask)
        {
            for (var key = 0; key < keys; key++)
                if (mask[firstKey + key] == 0)
                    row[key] = float.NegativeInfinity;
            if (!row.ContainsAnyExcept(float.NegativeInfinity))
                row.Clear();
        }
    }

    /// <summary>The most tokens that a row has: dropout counts elements as ((query × heads + head) × longest + key).</summary>
    public int LongestKeys { get; } = Longest(Keys.Starts);

    public int LongestQueries { get; } = Longest(Queries.Starts);

    private static int Longest(int[] starts)
    {
        var longest = 0;
        for (var row = 1; row < starts.Length; row++)
            longest = Math.Max(longest, starts[row] - starts[row - 1]);
        return longest;
    }
}

/// <summary>Result of attention and what the backward pass needs.</summary>
/// <param name="Value">The result in the operand type, [queries, heads × width].</param>
/// <param name="Saved">What the kernels keep: their own to know.</param>
internal readonly record struct Attended(Tensor Value, Tensor Saved);

/// <summary>Class weights and label smoothing, as in PyTorch's cross_entropy.</summary>
/// <param name="ClassWeights">A weight for each class, or null: 1 for all.</param>
/// <param name="LabelSmoothing">Part of the label's probability that is spread over all classes, 0 to 1.</param>
internal sealed record CrossEntropyOptions(float[]? ClassWeights, double LabelSmoothing);

/// <summary>Numbers of a step of AdamW (Loshchilov and Hutter 2017), with bias correction.</summary>
/// <param name="LearningRate">Learning rate of these parameters.</param>
/// <param name="Decay">Decoupled weight decay; 0 for biases and layer normalization.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="GradientScale">Factor of the gradient: clipping.</param>
/// <param name="Number">Steps taken, this one included.</param>
internal readonly record struct AdamWStep(double LearningRate, double Decay, double Beta1, double Beta2, double Epsilon, double GradientScale, long Number)
{
    public double StepSize => LearningRate / (1 - Math.Pow(Beta1, Number));

    public double SecondCorrection => Math.Sqrt(1 - Math.Pow(Beta2, Number));
}
