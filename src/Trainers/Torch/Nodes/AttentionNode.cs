using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// Multi-head self-attention with its three projections. Where only some tokens are needed after it (the last layer of a classifier needs [CLS]
/// alone), only they ask, while all answer.
/// </summary>
internal sealed class AttentionNode : Node
{
    private readonly Weights _weights;
    private readonly (string Query, string Key, string Value) _names;
    private readonly (int Width, int Heads, double Dropout, string Observed) _settings;
    private Projection[] _projections = [];
    private Attention? _attention;
    private Attended _saved;

    public AttentionNode(
        Node x,
        Weights weights,
        (string Query, string Key, string Value) names,
        (int Width, int Heads, double Dropout, string Observed) settings
    )
        : base(x)
    {
        (_weights, _names, _settings) = (weights, names, settings);
        NeedsGradient =
            x.NeedsGradient
            || Array.Exists([names.Query, names.Key, names.Value], name => !weights.Use(name + ".weight").Frozen || !weights.Use(name + ".bias").Frozen);
    }

    public override RowSet Needs(Node input) => RowSet.Tokens;

    public override void Forward(Pass pass)
    {
        _projections =
            Rows == RowSet.Tokens
                ? [Project(pass, RowSet.Tokens, _names.Query, _names.Key, _names.Value)]
                : [Project(pass, Rows, _names.Query), Project(pass, RowSet.Tokens, _names.Key, _names.Value)];
        var columns = Parts(_projections.Select(p => p.Output));
        _attention = new(
            columns[0],
            columns[1],
            columns[2],
            pass.Batch[Rows],
            pass.Batch[RowSet.Tokens],
            pass.Batch.Attended,
            _settings.Heads,
            pass.Dropout(_settings.Dropout, Place)
        );
        _saved = pass.Kernels.Attend(_attention);
        pass.Observed?.Add(_settings.Observed, pass.Kernels.Probabilities(_attention));
        Set(_saved.Value);
    }

    private Projection Project(Pass pass, RowSet rows, params string[] names)
    {
        var weight = _weights.Use(Array.ConvertAll(names, name => name + ".weight"));
        var bias = _weights.Use(Array.ConvertAll(names, name => name + ".bias"));
        var input = rows == Rows ? ReadOperand(Inputs[0], pass) : OperandOf(Inputs[0], pass);
        return new(rows, weight, bias, input, addmm(bias.Operand, input, weight.Operand.t(), 1, 1));
    }

    public override void Backward(Pass pass)
    {
        var gradients = Array.ConvertAll(_projections, p => empty_like(p.Output));
        var columns = Parts(gradients);
        pass.Kernels.AttendBackward(_attention!, _saved, TakeGradient(pass), columns[0], columns[1], columns[2]);
        foreach (var (projection, gradient) in _projections.Zip(gradients))
        {
            if (!projection.Weight.Frozen)
                projection.Weight.AddProduct(gradient, projection.Input);
            if (!projection.Bias.Frozen)
                pass.Kernels.AddRowsTo(projection.Bias.Gradient, gradient, projection.Bias.TakeReplace());
            if (Inputs[0].NeedsGradient)
                Inputs[0].AddGradient(gradient.mm(projection.Weight.Operand), projection.Rows);
        }
    }

    // Query, key and value, side by side in one matrix or more.
    private Columns[] Parts(IEnumerable<Tensor> matrices) =>
        [.. matrices.SelectMany(m => Enumerable.Range(0, (int)m.shape[1] / _settings.Width).Select(i => new Columns(m, i * _settings.Width, _settings.Width)))];

    protected override void ReleaseSaved()
    {
        _saved.Saved?.Dispose();
        foreach (var projection in _projections)
            projection.Output.Dispose();
        (_projections, _attention, _saved) = ([], null, default);
    }

    // One matrix product for those of the three projections that the same tokens need.
    private sealed record Projection(RowSet Rows, Weight Weight, Weight Bias, Tensor Input, Tensor Output);
}
