using BertMl.Networks;

namespace BertMl.Torch;

/// <summary>The nodes of a network in the order in which they are computed.</summary>
internal sealed class Graph
{
    private readonly IReadOnlyList<Node> _nodes;

    /// <param name="nodes">Each after its inputs.</param>
    /// <param name="outputs">The results.</param>
    /// <param name="observed">Values that have names.</param>
    /// <param name="read">
    /// The rows that are read of outputs that have a row a token; nodes are then computed for those rows only that something after them reads. Null: everything
    /// is computed.
    /// </param>
    public Graph(IReadOnlyList<Node> nodes, IReadOnlyList<NetworkOutput<Node>> outputs, IReadOnlyDictionary<string, Node> observed, RowSet? read)
    {
        (_nodes, Outputs, Observed) = (nodes, outputs, observed);
        if (read is { } rows)
            RowLiveness.Restrict(_nodes, outputs.Select(output => (output.Value, rows)));
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
}
