using BertMl.Networks;

namespace BertMl.Torch;

/// <summary>The interpreter that learns: makes the nodes of a network.</summary>
internal sealed class TorchNetwork : INetwork<Node>
{
    private readonly Weights _weights;
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, Node> _observed = new(StringComparer.Ordinal);

    private TorchNetwork(Weights weights) => _weights = weights;

    /// <summary>Makes the nodes of a BERT.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="task">Its head.</param>
    /// <param name="weights">Its parameters.</param>
    /// <param name="everything">Compute hidden states that nothing needs, too.</param>
    public static Graph Build(BertConfig config, ModelTask task, Weights weights, bool everything)
    {
        var net = new TorchNetwork(weights);
        var ids = new InputNode(batch => batch.Ids);
        // Padding is left out of the batch, or known to it: the mask is no input here.
        var outputs = Bert.Build(net, config, task, new(ids, ids, new InputNode(batch => batch.TypeIds)));
        // The loss of token classification reads labelled tokens only.
        var needed = task == ModelTask.TokenClassification ? RowSet.PredictedTokens : RowSet.Tokens;
        return new(net._nodes, outputs, net._observed, everything ? null : needed);
    }

    private Node Add(Node node)
    {
        node.Place = _nodes.Count;
        _nodes.Add(node);
        return node;
    }

    Node INetwork<Node>.Embedding(Node ids, string weight, int rows, int width, int? paddingRow) =>
        Add(new EmbeddingNode((InputNode)ids, _weights.Use(weight), paddingRow));

    Node INetwork<Node>.PositionEmbedding(Node ids, string weight, int rows, int width) =>
        Add(new EmbeddingNode(new(batch => batch.Positions), _weights.Use(weight), null));

    Node INetwork<Node>.Linear(Node x, string weight, string? bias, int inputs, int outputs) =>
        Add(new LinearNode(x, _weights.Use(weight), bias is null ? null : _weights.Use(bias)));

    Node INetwork<Node>.Activation(Node x, Activation function) => Add(new ActivationNode(x, function));

    Node INetwork<Node>.Add(Node a, Node b) => Add(new AddNode(a, b));

    Node INetwork<Node>.LayerNorm(Node x, string name, int width, double epsilon) =>
        Add(new NormNode([x], _weights.Use(name + ".weight"), _weights.Use(name + ".bias"), epsilon, 0));

    Node INetwork<Node>.AddAndNorm(Node x, Node residual, string name, int width, double epsilon, double dropout) =>
        Add(new NormNode([x, residual], _weights.Use(name + ".weight"), _weights.Use(name + ".bias"), epsilon, dropout));

    Node INetwork<Node>.Dropout(Node x, double probability) => probability > 0 ? Add(new DropoutNode(x, probability)) : x;

    Node INetwork<Node>.SelfAttention(Node x, Node mask, string query, string key, string value, int width, int heads, double dropout, string observed) =>
        Add(new AttentionNode(x, _weights, (query, key, value), (width, heads, dropout, observed)));

    Node INetwork<Node>.Token(Node x, int position) =>
        position == 0 ? Add(new SelectNode(x, RowSet.FirstTokens)) : throw new NotSupportedException($"Only the first token can be taken, not {position}.");

    Node INetwork<Node>.Feature(Node x, int index) => Add(new FeatureNode(x, index));

    Node INetwork<Node>.PredictedTokens(Node x) => Add(new SelectNode(x, RowSet.PredictedTokens));

    Node INetwork<Node>.MergeChoices(Node ids) => ids;

    Node INetwork<Node>.SplitChoices(Node logits, Node ids) => Add(new ChoicesNode(logits));

    void INetwork<Node>.Observe(string name, Node value) => _observed[name] = value;
}
