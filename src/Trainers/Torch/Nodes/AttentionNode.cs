using BertMl.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>What decides attention, beside queries, keys and values.</summary>
/// <param name="Width">Width of all heads together.</param>
/// <param name="Heads">Number of heads.</param>
/// <param name="Dropout">Dropout of probabilities.</param>
/// <param name="Observed">Name under which the probabilities can be asked for.</param>
/// <param name="Mask">Keys that are hidden, beside padding.</param>
/// <param name="Scale">Factor of the scores.</param>
internal sealed record AttentionSettings(int Width, int Heads, double Dropout, string Observed, AttentionMask Mask, double Scale)
{
    /// <summary>The attention of a pass.</summary>
    public Attention Of(Pass pass, Columns query, Columns key, Columns value, RowSet queries, int place) =>
        new(query, key, value, pass.Batch[queries], pass.Batch[RowSet.Tokens], pass.Batch.Attended, Heads, pass.Dropout(Dropout, place))
        {
            Rules = Mask,
            Scale = Scale,
        };
}

/// <summary>
/// Multi-head attention of given queries, keys and values. Where only some tokens are needed after it (the last layer of a classifier needs [CLS]
/// alone), only they are queries, while all are keys.
/// </summary>
internal sealed class AttentionNode(Node query, Node key, Node value, AttentionSettings settings) : Node(query, key, value)
{
    private Attention? _attention;
    private Attended _saved;

    public override RowSet Needs(Node input) => ReferenceEquals(input, Inputs[0]) ? Rows : RowSet.Tokens;

    public override void Forward(Pass pass)
    {
        Columns Whole(Tensor matrix) => new(matrix, 0, settings.Width);
        _attention = settings.Of(pass, Whole(ReadOperand(Inputs[0], pass)), Whole(OperandOf(Inputs[1], pass)), Whole(OperandOf(Inputs[2], pass)), Rows, Place);
        _saved = pass.Kernels.Attend(_attention);
        pass.Observed?.Add(settings.Observed, pass.Kernels.Probabilities(_attention));
        Set(_saved.Value);
    }

    public override void Backward(Pass pass)
    {
        var gradients = new[] { _attention!.Query, _attention.Key, _attention.Value }.Select(columns => empty_like(columns.Of)).ToArray();
        var columns = Array.ConvertAll(gradients, gradient => new Columns(gradient, 0, settings.Width));
        pass.Kernels.AttendBackward(_attention, _saved, TakeGradient(pass), columns[0], columns[1], columns[2]);
        for (var i = 0; i < gradients.Length; i++)
        {
            if (Inputs[i].NeedsGradient)
                Inputs[i].AddGradient(gradients[i], i == 0 ? Rows : RowSet.Tokens);
        }
    }

    protected override void ReleaseSaved()
    {
        _saved.Saved?.Dispose();
        (_attention, _saved) = (null, default);
    }
}

/// <summary>Multi-head self-attention with its three projections: those that the same tokens need are one matrix product.</summary>
internal sealed class SelfAttentionNode : Node
{
    private readonly Weights _weights;
    private readonly (string Query, string Key, string Value) _names;
    private readonly AttentionSettings _settings;
    private Projection[] _projections = [];
    private Attention? _attention;
    private Attended _saved;

    public SelfAttentionNode(Node x, Weights weights, (string Query, string Key, string Value) names, AttentionSettings settings)
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
        _attention = _settings.Of(pass, columns[0], columns[1], columns[2], Rows, Place);
        _saved = pass.Kernels.Attend(_attention);
        pass.Observed?.Add(_settings.Observed, pass.Kernels.Probabilities(_attention));
        Set(_saved.Value);
    }

    private Projection Project(Pass pass, RowSet rows, params string[] names)
    {
        var weight = _weights.Use(Array.ConvertAll(names, name => name + ".weight"));
        var bias = _weights.Use(Array.ConvertAll(names, name => name + ".bias"));
        var input = ReadOperand(Inputs[0], rows, pass);
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
