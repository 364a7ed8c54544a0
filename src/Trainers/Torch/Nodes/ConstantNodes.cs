using BertMl.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>A parameter as a value.</summary>
internal sealed class ParameterNode : Node
{
    private readonly Weight _weight;

    public ParameterNode(Weight weight)
    {
        (_weight, NeedsGradient) = (weight, !weight.Frozen);
        Rows = RowSet.None;
    }

    public override bool IsMatrix => false;

    public override void Forward(Pass pass) => Set(_weight.Value.alias());

    public override void Backward(Pass pass) => _weight.Add(TakeGradient(pass));
}

/// <summary>Numbers that do not learn.</summary>
internal sealed class ConstantNode : Node
{
    private readonly Func<Device, Tensor> _make;
    private Tensor? _value;

    public ConstantNode(Func<Device, Tensor> make)
    {
        _make = make;
        Rows = RowSet.None;
    }

    public override bool IsMatrix => false;

    public override void Forward(Pass pass) => Set((_value ??= _make(pass.Batch.Device).DetachFromDisposeScope()).alias());

    public override void Backward(Pass pass) { }
}

/// <summary>A number for each pair of positions of the batch's longest row, [length, length].</summary>
internal sealed class RelativePositionsNode : Node
{
    private readonly Func<int, int> _index;
    private (int Length, long[] Values) _last = (0, []);

    public RelativePositionsNode(Func<int, int> index)
    {
        _index = index;
        Rows = RowSet.None;
    }

    public override bool IsMatrix => false;

    public override void Forward(Pass pass)
    {
        var length = pass.Batch.Length;
        if (_last.Length != length)
        {
            var byDistance = Array.ConvertAll([.. Enumerable.Range(1 - length, 2 * length - 1)], distance => (long)_index(distance));
            var values = new long[length * length];
            for (var i = 0; i < length; i++)
            for (var j = 0; j < length; j++)
                values[i * length + j] = byDistance[i - j + length - 1];
            _last = (length, values);
        }
        Set(tensor(_last.Values, [length, length], device: pass.Batch.Device));
    }

    public override void Backward(Pass pass) { }
}
