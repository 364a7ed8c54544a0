using BertMl.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace BertMl.Torch;

/// <summary>
/// The interpreter that learns: makes the nodes of a network. What has no node of its own is a <see cref="FunctionNode"/>, whose gradient libtorch finds by
/// itself; the other nodes are accelerators, each tested against it. Tokens are kept without padding, as matrices with a row a token.
/// </summary>
internal sealed class TorchNetwork : INetwork<Node>
{
    private readonly Weights _weights;
    private readonly bool _default;
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<(int HeadWidth, double Theta, int Longest), RotaryTables> _rotary = [];
    private InputNode? _tokenIds;
    private readonly Dictionary<string, Node> _observed = new(StringComparer.Ordinal);

    private TorchNetwork(Weights weights, bool defaultComposites) => (_weights, _default) = (weights, defaultComposites);

    /// <summary>Makes the nodes of a network.</summary>
    /// <param name="config">Its architecture and shape.</param>
    /// <param name="head">Its head.</param>
    /// <param name="weights">Its parameters.</param>
    /// <param name="everything">Compute what nothing reads, too.</param>
    /// <param name="defaultComposites">Compute composites by their default implementations, not by the nodes written for them.</param>
    public static Graph Build(ModelConfig config, Head head, Weights weights, bool everything, bool defaultComposites)
    {
        var net = new TorchNetwork(weights, defaultComposites);
        var ids = net._tokenIds = net.Add(new InputNode(batch => batch.Ids));
        // Padding is left out of the batch, or known to it: the mask is no input here.
        var outputs = head.Network(net, config, new(ids, ids, net.Add(new InputNode(batch => batch.TypeIds))));
        return new(net._nodes, outputs, net._observed, everything ? null : head.LossRows);
    }

    private TNode Add<TNode>(TNode node)
        where TNode : Node
    {
        node.Place = _nodes.Count;
        _nodes.Add(node);
        return node;
    }

    private FunctionNode Function(Node x, Func<Pass, Tensor, Tensor> function) => Add(new FunctionNode([x], (pass, values) => function(pass, values[0])));

    private FunctionNode Function(Node x, Func<Tensor, Tensor> function) => Add(new FunctionNode([x], (_, values) => function(values[0])));

    private FunctionNode Function(Node a, Node b, Func<Tensor, Tensor, Tensor> function) =>
        Add(new FunctionNode([a, b], (_, values) => function(values[0], values[1])));

    public Node Parameter(string name, Initialization initialization, params int[] shape) => Add(new ParameterNode(_weights.Use(name)));

    public Node Constant(string name, Func<float[]> values, params int[] shape) =>
        Add(new ConstantNode(device => tensor(values(), Array.ConvertAll(shape, size => (long)size), device: device)));

    public Node Positions(Node ids, int? paddingId) => Add(new InputNode(batch => paddingId is { } padding ? batch.PositionsAfter(padding) : batch.Positions));

    public Node RelativePositions(Node ids, string name, int longest, Func<int, int> index) => Add(new RelativePositionsNode(index));

    public Node Embedding(Node ids, string weight, int rows, int width, int? paddingRow) =>
        Add(new EmbeddingNode((InputNode)ids, _weights.Use(weight), paddingRow) { IsOfTokens = ids == _tokenIds });

    public Node Gather(Node table, Node indices) =>
        indices is InputNode ids
            ? Add(
                new FunctionNode([table], (pass, values) => values[0].index_select(0, tensor(ids.Ids(pass), ScalarType.Int64, values[0].device)))
                {
                    FixedRows = RowSet.Tokens,
                }
            )
            : Function(table, indices, (rows, places) => rows.index_select(0, places.reshape(-1)).reshape([.. places.shape, rows.shape[^1]]));

    public Node GatherElements(Node x, Node indices) =>
        Function(x, indices, (values, places) => values.gather(-1, places.expand([.. values.shape[..^1], places.shape[^1]])));

    public Node Linear(Node x, string weight, string? bias, int inputs, int outputs, bool transposed)
    {
        if (!_default)
            return Add(new LinearNode(x, _weights.Use(weight), bias is null ? null : _weights.Use(bias), transposed));
        var matrix = Add(new ParameterNode(_weights.Use(weight)));
        var product = Function(x, matrix, (value, rows) => value.matmul(transposed ? rows : rows.t()));
        return bias is null ? product : Add(product, Add(new ParameterNode(_weights.Use(bias))));
    }

    public Node MatMul(Node a, Node b) =>
        Add(new FunctionNode([a, b], (pass, values) => values[0].to(pass.Kernels.OperandType).matmul(values[1].to(pass.Kernels.OperandType))));

    public Node Add(Node a, Node b) => !_default && a.IsMatrix && b.IsMatrix ? Add(new AddNode(a, b)) : Function(a, b, (x, y) => x.Plus(y));

    public Node Multiply(Node a, Node b) => Function(a, b, (x, y) => x * y);

    public Node Scale(Node x, double factor, double shift) => Function(x, values => shift == 0 ? values.Times(factor) : values.Times(factor).Plus(shift));

    public Node Power(Node x, double exponent) => Function(x, values => values.to(ScalarType.Float32).Power(exponent));

    public Node Clip(Node x, double minimum, double maximum) => Function(x, values => values.Clip(minimum, maximum));

    public Node Map(Node x, ElementaryFunction function) =>
        Function(
            x,
            function switch
            {
                ElementaryFunction.Erf => values => values.erf(),
                ElementaryFunction.Exp => values => values.exp(),
                ElementaryFunction.Log => values => values.log(),
                ElementaryFunction.Tanh => values => values.tanh(),
                ElementaryFunction.Sigmoid => values => values.sigmoid(),
                _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown function."),
            }
        );

    public Node Activation(Node x, Activation function) =>
        !_default && Kernels.HasActivation(function) ? Add(new ActivationNode(x, function)) : Composites.Activation(this, x, function);

    public Node Mean(Node x) => Function(x, values => values.to(ScalarType.Float32).mean([-1], keepdim: true));

    public Node Softmax(Node x) => Function(x, values => values.to(ScalarType.Float32).softmax(-1));

    public Node LayerNorm(Node x, string name, int width, double epsilon, bool hasBias)
    {
        var (weight, bias) = (_weights.Use(name + ".weight"), hasBias ? _weights.Use(name + ".bias") : _weights.Zeros(width));
        if (!_default)
            return Add(new NormNode([x], weight, bias, epsilon, 0));
        Node[] inputs = [x, Add(new ParameterNode(weight)), Add(new ParameterNode(bias))];
        return Add(new FunctionNode(inputs, (_, values) => nn.functional.layer_norm(values[0], [width], values[1], values[2], epsilon)));
    }

    public Node AddAndNorm(Node x, Node residual, string name, int width, double epsilon, double dropout) =>
        _default
            ? LayerNorm(Add(Dropout(x, dropout), residual), name, width, epsilon, hasBias: true)
            : Add(new NormNode([x, residual], _weights.Use(name + ".weight"), _weights.Use(name + ".bias"), epsilon, dropout));

    public Node Dropout(Node x, double probability) => Checked(probability) > 0 ? Add(new DropoutNode(x, probability)) : x;

    // transformers takes 1 too, which scoring never sees.
    private static double Checked(double probability) =>
        probability < 1 ? probability : throw new InvalidOperationException("A dropout probability of the configuration is 1: nothing can be learned.");

    public Node Pad(Node x) => Add(new FunctionNode([x], (pass, values) => pass.Batch.Pad(values[0])) { FixedRows = RowSet.None });

    public Node Unpad(Node x) => Add(new FunctionNode([x], (pass, values) => pass.Batch.Unpad(values[0])) { FixedRows = RowSet.Tokens });

    public Node SplitLast(Node x, int outer, int inner) => Function(x, values => values.reshape([.. values.shape[..^1], outer, inner]));

    public Node MergeLast(Node x) => Function(x, values => values.reshape([.. values.shape[..^2], values.shape[^2] * values.shape[^1]]));

    public Node Transpose(Node x, params int[] order) => Function(x, values => values.permute(Array.ConvertAll(order, axis => (long)axis)));

    public Node Slice(Node x, int start, int count) =>
        x is LinearNode ? Add(new ColumnsNode(x, start, count)) : Function(x, values => values.narrow(-1, start, count));

    public Node Concat(params Node[] values) => Add(new FunctionNode(values, (_, tensors) => cat(tensors, -1)));

    public Node MaskScores(Node scores, Node mask, AttentionMask rules) =>
        Function(scores, (pass, values) => values.to(ScalarType.Float32).Masked(pass.Batch.HiddenKeys(rules), float.MinValue));

    public Node MaskTokens(Node x, Node mask) => Function(x, (pass, values) => pass.Batch.MaskTokens(values));

    public Node MeanTokens(Node x, Node mask) =>
        Add(new FunctionNode([x], (pass, values) => pass.Batch.MeanTokens(values[0].to(ScalarType.Float32))) { FixedRows = RowSet.FirstTokens });

    public Node Attention(Node query, Node key, Node value, Node mask, AttentionOptions<Node> options) =>
        _default || options.Bias is not null || options.Mask.Queries
            ? Composites.Attention(this, query, key, value, mask, options)
            : Add(new AttentionNode(query, key, value, Settings(options)));

    public Node SelfAttention(Node x, Node mask, string query, string key, string value, int inputs, AttentionOptions<Node> options)
    {
        // One matrix product needs neighbours; projections that are shared with another layer are none.
        string[] names = [query, key, value];
        bool AreNeighbours(string kind) => _weights.AreNeighbours(Array.ConvertAll(names, name => name + kind));
        if (!_default && options.Bias is null && !options.Mask.Queries && AreNeighbours(".weight") && AreNeighbours(".bias"))
            return Add(new SelfAttentionNode(x, _weights, (query, key, value), Settings(options)));
        Node Project(string name) => Linear(x, name + ".weight", name + ".bias", inputs, options.Width, transposed: false);
        return Attention(Project(query), Project(key), Project(value), mask, options);
    }

    private static AttentionSettings Settings(AttentionOptions<Node> options) =>
        new(
            options.Width,
            options.Heads,
            Checked(options.Dropout),
            options.Observed,
            options.Mask,
            options.Scale ?? 1 / Math.Sqrt((double)options.Width / options.Heads)
        );

    public Node Rotary(Node x, Node positions, int heads, int headWidth, double theta, int longest) =>
        _default
            ? Composites.Rotary(this, x, positions, heads, headWidth, theta, longest)
            : Add(new FunctionNode([x], Rotation.Of((InputNode)positions, heads, headWidth, Tables(headWidth, theta, longest))) { FixedRows = RowSet.Tokens });

    // The same for all layers.
    private RotaryTables Tables(int headWidth, double theta, int longest) =>
        _rotary.TryGetValue((headWidth, theta, longest), out var tables) ? tables : _rotary[(headWidth, theta, longest)] = new(headWidth, theta, longest);

    public Node FirstTokens(Node x) => Add(new SelectNode(x, RowSet.FirstTokens));

    public Node LastTokens(Node x, Node mask) => Add(new SelectNode(x, RowSet.LastTokens));

    public Node PredictedTokens(Node x) => Add(new SelectNode(x, RowSet.PredictedTokens));

    public Node Feature(Node x, int index) => Add(new FeatureNode(x, index));

    public Node MergeChoices(Node ids) => ids;

    public Node SplitChoices(Node logits, Node ids) => Add(new ChoicesNode(logits));

    public void Observe(string name, Node value) => _observed[name] = value;
}
