using BertMl.Networks;

namespace BertMl.Torch;

/// <summary>The nodes of a network in the order in which they are computed.</summary>
internal sealed class Graph
{
    private readonly IReadOnlyList<Node> _nodes;

    /// <param name="nodes">Each after its inputs.</param>
    /// <param name="outputs">The results.</param>
    /// <param name="observed">Values that have names.</param>
    /// <param name="needed">
    /// The tokens whose outputs are needed; nodes are then computed for those tokens only that something after them reads. Null: everything.
    /// </param>
    public Graph(IReadOnlyList<Node> nodes, IReadOnlyList<NetworkOutput<Node>> outputs, IReadOnlyDictionary<string, Node> observed, RowSet? needed)
    {
        (_nodes, Outputs, Observed) = (nodes, outputs, observed);
        if (needed is { } rows)
            Restrict(rows);
    }

    public IReadOnlyList<NetworkOutput<Node>> Outputs { get; }

    public IReadOnlyDictionary<string, Node> Observed { get; }

    public void Forward(Pass pass)
    {
        foreach (var node in _nodes)
            node.Forward(pass);
    }

    /// <summary>From the outputs' gradients to those of the parameters; values are released on the way.</summary>
    public void Backward(Pass pass)
    {
        for (var i = _nodes.Count - 1; i >= 0; i--)
        {
            if (_nodes[i].NeedsGradient && _nodes[i].HasGradient)
            {
                using var scope = TorchSharp.torch.NewDisposeScope();
                _nodes[i].Backward(pass);
            }
            _nodes[i].Release();
        }
    }

    public void Release()
    {
        foreach (var node in _nodes)
            node.Release();
    }

    private void Restrict(RowSet outputs)
    {
        var needs = new Dictionary<Node, HashSet<RowSet>>();
        void Need(Node node, RowSet rows) => (needs.TryGetValue(node, out var set) ? set : needs[node] = []).Add(rows);
        foreach (var output in Outputs)
            Need(output.Value, output.Value.Rows == RowSet.Tokens ? outputs : output.Value.Rows);
        foreach (var node in _nodes.Reverse())
        {
            if (node.IsRowWise && node.Rows == RowSet.Tokens && needs.TryGetValue(node, out var set) && set.Count == 1)
                node.Rows = set.Single();
            foreach (var input in node.Inputs)
                Need(input, node.Needs(input));
        }
    }
}
