using BertMl.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>A function of tensors whose gradient libtorch finds by itself.</summary>
/// <param name="inputs">The inputs.</param>
/// <param name="function">From the inputs' values to the result.</param>
internal sealed class FunctionNode(Node[] inputs, Func<Pass, Tensor[], Tensor> function) : Node(inputs)
{
    private Tensor[] _leaves = [];
    private Tensor? _result;

    /// <summary>The rows of a result that has not those of its inputs: where padding is put in or taken out.</summary>
    public RowSet? FixedRows
    {
        get;
        init
        {
            field = value;
            Rows = value!.Value;
        }
    }

    public override bool IsMatrix => false;

    public override bool CanRestrictTo(RowSet rows) => FixedRows is null;

    public override RowSet Needs(Node input) => FixedRows is null && input.Rows == RowSet.Tokens ? Rows : input.Rows;

    public override void Forward(Pass pass)
    {
        var learns = pass.IsTraining && NeedsGradient;
        using var mode = set_grad_enabled(learns);
        using var scope = NewDisposeScope();
        _leaves = [.. Inputs.Select(input => Leaf(Read(input, pass), learns && input.NeedsGradient))];
        var result = function(pass, _leaves);
        Set(Own(result.detach()));
        if (learns)
        {
            _result = result.MoveToOuterDisposeScope();
            foreach (var leaf in _leaves)
                leaf.MoveToOuterDisposeScope();
        }
        else
        {
            _leaves = [];
        }
    }

    private static Tensor Leaf(Tensor value, bool learns)
    {
        var leaf = value.detach();
        return learns ? leaf.requires_grad_(true) : leaf;
    }

    // Memory of its own, row by row: kernels read it.
    private static Tensor Own(Tensor value) => (value.is_contiguous() ? value : value.contiguous()).MoveToOuterDisposeScope();

    public override void Backward(Pass pass)
    {
        var learning = Inputs.Select((input, i) => (Input: input, Leaf: _leaves[i])).Where(pair => pair.Input.NeedsGradient).ToList();
        var gradient = TakeGradient(pass).to(_result!.dtype).view(_result.shape);
        var gradients = autograd.grad([_result], [.. learning.Select(pair => pair.Leaf)], [gradient], allow_unused: true);
        foreach (var ((input, _), part) in learning.Zip(gradients))
        {
            if (part is not null && !part.IsInvalid)
                input.AddGradient(part.contiguous(), Needs(input));
        }
    }

    protected override void ReleaseSaved()
    {
        _result?.Dispose();
        foreach (var leaf in _leaves)
            leaf.Dispose();
        (_result, _leaves) = (null, []);
    }
}
