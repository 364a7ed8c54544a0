using BertMl.Networks;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// A value of the network: how it is computed from others and, in a step, its tensor and the gradients that came back to it. The nodes of a network are
/// made once and run every step: forward in the order of their making, backward in the reverse order.
/// </summary>
internal abstract class Node(params Node[] inputs) : IRowNode<Node>
{
    private readonly List<Tensor> _gradients = [];
    private readonly List<(RowSet Rows, Tensor Gradient)> _rowGradients = [];
    private readonly Dictionary<RowSet, Tensor> _columnGradients = [];
    private Tensor? _value;
    private Tensor? _operand;

    public IReadOnlyList<Node> Inputs => inputs;

    /// <summary>Number of the node: the place that keys its dropout.</summary>
    public int Place { get; set; }

    /// <summary>The tokens that the value has rows for.</summary>
    public RowSet Rows { get; set; } =
        inputs.Select(input => input.Rows).FirstOrDefault(rows => rows != RowSet.None, inputs.Length > 0 ? RowSet.None : RowSet.Tokens);

    /// <summary>Is there a parameter that learns at or before this node?</summary>
    public bool NeedsGradient { get; protected init; } = Array.Exists(inputs, input => input.NeedsGradient);

    /// <summary>Can the value be computed for these tokens alone?</summary>
    public virtual bool CanRestrictTo(RowSet rows) => true;

    /// <summary>Is the value a matrix with a row a token?</summary>
    public virtual bool IsMatrix => Array.TrueForAll(inputs, input => input.IsMatrix);

    /// <summary>The tensor of this step: [rows of <see cref="Rows"/>, features ...], or of any shape where there are no rows.</summary>
    public Tensor Value => _value ?? throw new InvalidOperationException("The node has not been computed.");

    /// <summary>The rows of an input that this node reads.</summary>
    public virtual RowSet Needs(Node input) => input.Rows == RowSet.Tokens ? Rows : input.Rows;

    public abstract void Forward(Pass pass);

    /// <summary>Passes the gradient on to inputs and parameters.</summary>
    public abstract void Backward(Pass pass);

    public bool HasGradient => _gradients.Count + _rowGradients.Count + _columnGradients.Count > 0;

    /// <summary>Adds to some columns of the gradient; the others may be added to by others.</summary>
    /// <param name="gradient">[rows, ..., columns].</param>
    /// <param name="first">The first of the columns.</param>
    /// <param name="rows">Which rows of the value they are of.</param>
    public void AddColumns(Tensor gradient, int first, RowSet rows)
    {
        if (!_columnGradients.TryGetValue(rows, out var whole))
        {
            whole = zeros([.. gradient.shape[..^1], Value.shape[^1]], dtype: gradient.dtype, device: gradient.device).MoveToOuterDisposeScope();
            _columnGradients[rows] = whole;
        }
        whole.narrow(-1, first, gradient.shape[^1]).Increase(gradient);
    }

    /// <summary>Takes a gradient that a node after this one has made, and owns it.</summary>
    /// <param name="gradient">In the shape of the value's rows.</param>
    /// <param name="rows">Which rows of the value it is of.</param>
    public void AddGradient(Tensor gradient, RowSet rows)
    {
        gradient.MoveToOuterDisposeScope();
        if (rows == Rows)
            _gradients.Add(gradient);
        else
            _rowGradients.Add((rows, gradient));
    }

    public void Release()
    {
        _value?.Dispose();
        _operand?.Dispose();
        (_value, _operand) = (null, null);
        foreach (var gradient in _gradients)
            gradient.Dispose();
        foreach (var (_, gradient) in _rowGradients)
            gradient.Dispose();
        foreach (var gradient in _columnGradients.Values)
            gradient.Dispose();
        _columnGradients.Clear();
        _gradients.Clear();
        _rowGradients.Clear();
        ReleaseSaved();
    }

    /// <summary>Forgets what was kept for the backward pass.</summary>
    protected virtual void ReleaseSaved() { }

    protected void Set(Tensor value, Tensor? operand = null) => (_value, _operand) = (value, operand);

    /// <summary>The input's rows that this node needs.</summary>
    protected Tensor Read(Node input, Pass pass) => Select(input.Value, input, Needs(input), pass);

    /// <summary>The same in the type of matrix products.</summary>
    protected Tensor ReadOperand(Node input, Pass pass) => ReadOperand(input, Needs(input), pass);

    /// <summary>Rows of the input in the type of matrix products.</summary>
    protected static Tensor ReadOperand(Node input, RowSet rows, Pass pass) => Select(OperandOf(input, pass), input, rows, pass);

    /// <summary>All of the input in the type of matrix products.</summary>
    protected static Tensor OperandOf(Node input, Pass pass) => input._operand ??= pass.Kernels.ToOperand(input.Value);

    private static Tensor Select(Tensor value, Node input, RowSet rows, Pass pass) =>
        input.Rows == rows ? value
        : value.dim() == 2 ? pass.Kernels.Gather(value, pass.Batch[rows].Tokens)
        : value.index_select(0, pass.Batch[rows].Index);

    /// <summary>A value as a matrix with a row for all but its last dimension: what kernels take.</summary>
    protected static Tensor AsMatrix(Tensor x) => x.dim() == 2 && x.is_contiguous() ? x : x.contiguous().view(-1, x.shape[^1]);

    /// <summary>A matrix in the shape of another tensor of as many elements.</summary>
    protected static Tensor InShapeOf(Tensor matrix, Tensor other) => other.dim() == 2 ? matrix : matrix.view([.. other.shape[..^1], -1]);

    /// <summary>The gradient, as a sum of one or two tensors.</summary>
    protected (Tensor First, Tensor? Second) TakeGradients(Pass pass)
    {
        foreach (var (rows, gradient) in _columnGradients)
        {
            if (rows == Rows)
                _gradients.Add(gradient);
            else
                _rowGradients.Add((rows, gradient));
        }
        _columnGradients.Clear();
        if (_rowGradients.Count > 0)
        {
            var sum = zeros_like(Value, dtype: ScalarType.Float32);
            foreach (var gradient in _gradients)
                sum.Increase(gradient);
            foreach (var (rows, gradient) in _rowGradients)
                AddRows(sum, pass.Batch[rows], gradient, pass);
            return (sum, null);
        }
        while (_gradients.Count > 2)
        {
            _gradients[^2] = Sum(_gradients[^2], _gradients[^1], pass);
            _gradients.RemoveAt(_gradients.Count - 1);
        }
        return (_gradients[0], _gradients.Count > 1 ? _gradients[1] : null);
    }

    private static void AddRows(Tensor sum, PackedBatch.Rows rows, Tensor gradient, Pass pass)
    {
        if (sum.dim() == 2)
            pass.Kernels.ScatterAdd(sum, rows.Tokens, gradient);
        else
            sum.IncreaseRows(rows.Index, gradient.to(sum.dtype));
    }

    /// <summary>The gradient.</summary>
    protected Tensor TakeGradient(Pass pass)
    {
        var (first, second) = TakeGradients(pass);
        return second is null ? first : Sum(first, second, pass);
    }

    private static Tensor Sum(Tensor a, Tensor b, Pass pass) => a.dim() == 2 && a.is_contiguous() && b.is_contiguous() ? pass.Kernels.Add(a, b) : a.Plus(b);
}

/// <summary>What holds for one run of a network forward, and back.</summary>
/// <param name="Batch">The tokens.</param>
/// <param name="Kernels">Arithmetic.</param>
/// <param name="IsTraining">Drop out, and keep what the backward pass needs.</param>
/// <param name="Seed">Decides dropout.</param>
internal sealed record Pass(PackedBatch Batch, Kernels Kernels, bool IsTraining, ulong Seed)
{
    /// <summary>Choices of an example (multiple choice).</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Where attention probabilities are kept, or null.</summary>
    public Dictionary<string, Tensor>? Observed { get; init; }

    /// <summary>Drop out? By default where it trains.</summary>
    public bool DropsOut { get; init; } = IsTraining;

    /// <summary>Where the tokens' embeddings are others, and their gradient is asked for; null: they are those of the table.</summary>
    public TokenEmbeddings? TokenEmbeddings { get; init; }

    public Dropout Dropout(double probability, int place) => new(DropsOut ? probability : 0, Seed, place);
}
