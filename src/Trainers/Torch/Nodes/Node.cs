using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// A value of the network: how it is computed from others and, in a step, its tensor and the gradients that came back to it. The nodes of a network are
/// made once and run every step, forward in the order of their making and back in the reverse.
/// </summary>
internal abstract class Node(params Node[] inputs)
{
    private readonly List<Tensor> _gradients = [];
    private readonly List<(RowSet Rows, Tensor Gradient)> _rowGradients = [];
    private Tensor? _value;
    private Tensor? _operand;

    public IReadOnlyList<Node> Inputs => inputs;

    /// <summary>Number of the node: the place that keys its dropout.</summary>
    public int Place { get; set; }

    /// <summary>Which tokens the value has rows for.</summary>
    public RowSet Rows { get; set; } = inputs.Length > 0 ? inputs[0].Rows : RowSet.Tokens;

    /// <summary>Is there a parameter that learns at or before this node?</summary>
    public bool NeedsGradient { get; protected init; } = Array.Exists(inputs, input => input.NeedsGradient);

    /// <summary>Can the value be computed for some tokens only?</summary>
    public virtual bool IsRowWise => true;

    public Tensor Value => _value ?? throw new InvalidOperationException("The node has not been computed.");

    /// <summary>Which of the input's rows this node reads.</summary>
    public virtual RowSet Needs(Node input) => Rows;

    public abstract void Forward(Pass pass);

    /// <summary>Passes the gradient on to inputs and parameters.</summary>
    public abstract void Backward(Pass pass);

    public bool HasGradient => _gradients.Count + _rowGradients.Count > 0;

    /// <summary>Takes a gradient that a node after this one has made, and owns it.</summary>
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
        _gradients.Clear();
        _rowGradients.Clear();
        ReleaseSaved();
    }

    /// <summary>Forgets what was kept for the way back.</summary>
    protected virtual void ReleaseSaved() { }

    protected void Set(Tensor value, Tensor? operand = null) => (_value, _operand) = (value, operand);

    /// <summary>The input's rows that this node needs.</summary>
    protected Tensor Read(Node input, Pass pass) => Select(input.Value, input, pass);

    /// <summary>The same in the type of matrix products.</summary>
    protected Tensor ReadOperand(Node input, Pass pass) => Select(OperandOf(input, pass), input, pass);

    /// <summary>All of the input in the type of matrix products.</summary>
    protected static Tensor OperandOf(Node input, Pass pass) => input._operand ??= pass.Kernels.ToOperand(input.Value);

    private Tensor Select(Tensor value, Node input, Pass pass) => input.Rows == Rows ? value : pass.Kernels.Gather(value, pass.Batch[Rows].Tokens);

    /// <summary>The gradient, as a sum of one or two tensors.</summary>
    protected (Tensor First, Tensor? Second) TakeGradients(Pass pass)
    {
        if (_rowGradients.Count > 0)
        {
            var sum = zeros_like(Value, dtype: ScalarType.Float32);
            foreach (var gradient in _gradients)
                sum.add_(gradient);
            foreach (var (rows, gradient) in _rowGradients)
                pass.Kernels.ScatterAdd(sum, pass.Batch[rows].Tokens, gradient);
            return (sum, null);
        }
        while (_gradients.Count > 2)
        {
            _gradients[^2] = pass.Kernels.Add(_gradients[^2], _gradients[^1]);
            _gradients.RemoveAt(_gradients.Count - 1);
        }
        return (_gradients[0], _gradients.Count > 1 ? _gradients[1] : null);
    }

    /// <summary>The gradient.</summary>
    protected Tensor TakeGradient(Pass pass)
    {
        var (first, second) = TakeGradients(pass);
        return second is null ? first : pass.Kernels.Add(first, second);
    }
}

/// <summary>What holds for one run of a network forward, and back.</summary>
/// <param name="Batch">The tokens.</param>
/// <param name="Kernels">Arithmetic.</param>
/// <param name="IsTraining">Drop out, and keep what the way back needs.</param>
/// <param name="Seed">Decides dropout.</param>
internal sealed record Pass(PackedBatch Batch, Kernels Kernels, bool IsTraining, ulong Seed)
{
    /// <summary>Choices of an example (multiple choice).</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Where attention probabilities are kept, or null.</summary>
    public Dictionary<string, Tensor>? Observed { get; init; }

    public Dropout Dropout(double probability, int place) => new(IsTraining ? probability : 0, Seed, place);
}
