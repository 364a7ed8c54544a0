using BertMl.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>An input of the network: not a matrix, but which of the batch's integers an embedding looks up.</summary>
internal sealed class InputNode(Func<PackedBatch, int[]> ids) : Node
{
    public int[] Ids(Pass pass) => ids(pass.Batch);

    public override bool CanRestrictTo(RowSet rows) => false;

    public override void Forward(Pass pass) { }

    public override void Backward(Pass pass) { }
}

/// <summary>Rows of a table.</summary>
internal sealed class EmbeddingNode : Node
{
    private readonly InputNode _ids;
    private readonly Weight _table;
    private readonly int? _paddingRow;

    public EmbeddingNode(InputNode ids, Weight table, int? paddingRow)
        : base(ids)
    {
        (_ids, _table, _paddingRow, NeedsGradient) = (ids, table, paddingRow, !table.Frozen);
        table.AsTable();
    }

    public override bool CanRestrictTo(RowSet rows) => false;

    public override RowSet Needs(Node input) => input.Rows;

    /// <summary>Are the rows those of the tokens, not those of positions or types?</summary>
    public bool IsOfTokens { get; init; }

    public override void Forward(Pass pass) =>
        Set(
            IsOfTokens && pass.TokenEmbeddings is { } other
                ? other.Value(ids => pass.Kernels.Gather(_table.Value, ids))
                : pass.Kernels.Gather(_table.Value, _ids.Ids(pass))
        );

    public override void Backward(Pass pass)
    {
        if (IsOfTokens && pass.TokenEmbeddings is { } other)
            other.Receive(TakeGradient(pass));
        else
            _table.AddToRows(_ids.Ids(pass), TakeGradient(pass), _paddingRow);
    }
}

/// <summary>x · weightᵀ + bias or, of a weight that is kept transposed, x · weight + bias.</summary>
internal sealed class LinearNode : Node
{
    private readonly Weight _weight;
    private readonly Weight? _bias;
    private readonly bool _transposed;
    private Tensor? _input;

    public LinearNode(Node x, Weight weight, Weight? bias, bool transposed)
        : base(x)
    {
        (_weight, _bias, _transposed) = (weight, bias, transposed);
        NeedsGradient = x.NeedsGradient || !weight.Frozen || bias is { Frozen: false };
    }

    public override bool IsMatrix => true;

    public override void Forward(Pass pass)
    {
        var input = ReadOperand(Inputs[0], pass);
        _input = AsMatrix(input);
        var matrix = _transposed ? _weight.Operand : _weight.Operand.t();
        Set(InShapeOf(_bias is null ? _input.mm(matrix) : addmm(_bias.Operand, _input, matrix, 1, 1), input));
    }

    public override void Backward(Pass pass)
    {
        var whole = TakeGradient(pass);
        var gradient = pass.Kernels.ToOperand(AsMatrix(whole));
        if (!_weight.Frozen)
            _weight.AddProduct(_transposed ? _input! : gradient, _transposed ? gradient : _input!);
        if (_bias is { Frozen: false })
            pass.Kernels.AddRowsTo(_bias.Gradient, gradient, _bias.TakeReplace());
        if (Inputs[0].NeedsGradient)
            Inputs[0].AddGradient(InShapeOf(gradient.mm(_transposed ? _weight.Operand.t() : _weight.Operand), whole), Needs(Inputs[0]));
    }

    protected override void ReleaseSaved() => _input = null;
}

/// <summary>Some columns of a matrix; their gradients meet in one matrix.</summary>
internal sealed class ColumnsNode(Node x, int first, int count) : Node(x)
{
    public override void Forward(Pass pass) => Set(Read(Inputs[0], pass).narrow(-1, first, count).contiguous());

    public override void Backward(Pass pass) => Inputs[0].AddColumns(TakeGradient(pass), first, Needs(Inputs[0]));
}

/// <summary>Elementwise activation.</summary>
internal sealed class ActivationNode(Node x, Activation function) : Node(x)
{
    private Tensor? _input;

    public override void Forward(Pass pass)
    {
        var input = Read(Inputs[0], pass);
        _input = AsMatrix(input);
        Set(InShapeOf(pass.Kernels.Activate(_input, function), input));
    }

    public override void Backward(Pass pass)
    {
        var gradient = TakeGradient(pass);
        Inputs[0].AddGradient(InShapeOf(pass.Kernels.ActivateBackward(_input!, AsMatrix(gradient), function), gradient), Needs(Inputs[0]));
    }

    protected override void ReleaseSaved() => _input = null;
}

/// <summary>Elementwise sum; one of the two may have a single feature.</summary>
internal sealed class AddNode(Node a, Node b) : Node(a, b)
{
    public override void Forward(Pass pass)
    {
        var (first, second) = (Read(Inputs[0], pass), Read(Inputs[1], pass));
        Set(first.shape.SequenceEqual(second.shape) ? pass.Kernels.Add(first, second) : first.Plus(second));
    }

    public override void Backward(Pass pass)
    {
        var gradient = TakeGradient(pass);
        foreach (var input in Inputs.Where(input => input.NeedsGradient))
        {
            var isWhole = input.Value.dim() == gradient.dim() && input.Value.shape[^1] == gradient.shape[^1];
            input.AddGradient(isWhole ? gradient.alias() : gradient.sum([-1], keepdim: true), Needs(input));
        }
    }
}

/// <summary>LayerNorm(dropout(x) + residual), the residual being optional.</summary>
internal sealed class NormNode : Node
{
    private readonly (Weight Weight, Weight Bias) _parameters;
    private readonly (double Epsilon, double Dropout) _settings;
    private Normalized _saved;

    public NormNode(Node[] inputs, Weight weight, Weight bias, double epsilon, double dropout)
        : base(inputs)
    {
        (_parameters, _settings) = ((weight, bias), (epsilon, dropout));
        NeedsGradient = Array.Exists(inputs, input => input.NeedsGradient) || !weight.Frozen || !bias.Frozen;
    }

    public override void Forward(Pass pass)
    {
        var residual = Inputs.Count > 1 ? AsMatrix(Read(Inputs[1], pass)) : null;
        var (weight, bias) = _parameters;
        var input = Read(Inputs[0], pass);
        _saved = pass.Kernels.Normalize(AsMatrix(input), residual, weight.Value, bias.Value, _settings.Epsilon, pass.Dropout(_settings.Dropout, Place));
        Set(InShapeOf(_saved.Value, input), _saved.Operand is null ? null : InShapeOf(_saved.Operand, input));
    }

    public override void Backward(Pass pass)
    {
        var (first, second) = TakeGradients(pass);
        var gradients = pass.Kernels.NormalizeBackward(
            _saved,
            AsMatrix(first),
            second is null ? null : AsMatrix(second),
            _parameters.Weight,
            _parameters.Bias,
            pass.Dropout(_settings.Dropout, Place)
        );
        if (Inputs[0].NeedsGradient)
            Inputs[0].AddGradient(InShapeOf(gradients.X, first), Needs(Inputs[0]));
        if (Inputs.Count > 1 && Inputs[1].NeedsGradient)
        {
            var residual = ReferenceEquals(gradients.Residual, gradients.X) ? gradients.X.alias() : gradients.Residual;
            Inputs[1].AddGradient(InShapeOf(residual, first), Needs(Inputs[1]));
        }
    }

    protected override void ReleaseSaved()
    {
        _saved.Standardized?.Dispose();
        _saved.InverseDeviation?.Dispose();
        _saved = default;
    }
}

/// <summary>Dropout on its own.</summary>
internal sealed class DropoutNode(Node x, double probability) : Node(x)
{
    public override void Forward(Pass pass) => Set(Drop(Read(Inputs[0], pass), pass));

    public override void Backward(Pass pass) => Inputs[0].AddGradient(Drop(TakeGradient(pass), pass), Needs(Inputs[0]));

    private Tensor Drop(Tensor whole, Pass pass)
    {
        var matrix = AsMatrix(whole);
        var dropped = pass.Kernels.Drop(matrix, pass.Dropout(probability, Place));
        return ReferenceEquals(dropped, matrix) ? whole.alias() : InShapeOf(dropped, whole);
    }
}

/// <summary>Some of the tokens; what only they need is computed for them only.</summary>
internal sealed class SelectNode : Node
{
    public SelectNode(Node x, RowSet rows)
        : base(x) => Rows = rows;

    public override void Forward(Pass pass) => Set(Inputs[0].Rows == Rows ? Inputs[0].Value.alias() : Read(Inputs[0], pass));

    public override void Backward(Pass pass) => Inputs[0].AddGradient(TakeGradient(pass).alias(), Rows);
}

/// <summary>One feature of each token, without its dimension.</summary>
internal sealed class FeatureNode(Node x, int index) : Node(x)
{
    public override void Forward(Pass pass) => Set(Read(Inputs[0], pass).select(-1, index).contiguous());

    public override void Backward(Pass pass)
    {
        var gradient = TakeGradient(pass);
        var whole = zeros([.. gradient.shape, Inputs[0].Value.shape[^1]], dtype: gradient.dtype, device: gradient.device);
        whole.select(-1, index).copy_(gradient);
        Inputs[0].AddGradient(whole, Needs(Inputs[0]));
    }
}

/// <summary>[rows, 1] logits to [rows / choices, choices].</summary>
internal sealed class ChoicesNode(Node x) : Node(x)
{
    public override void Forward(Pass pass) => Set(Read(Inputs[0], pass).view(-1, pass.Choices));

    public override void Backward(Pass pass) => Inputs[0].AddGradient(TakeGradient(pass).view(-1, 1), Needs(Inputs[0]));
}
