namespace BertMl.Networks;

/// <summary>Which tokens of a batch a value of the network has rows for.</summary>
internal enum RowSet
{
    /// <summary>All tokens.</summary>
    Tokens,

    /// <summary>The first token of each row of the batch.</summary>
    FirstTokens,

    /// <summary>The last token of each row of the batch, padding left out.</summary>
    LastTokens,

    /// <summary>The tokens that are predicted: those that count in the loss, or those that are masked.</summary>
    PredictedTokens,

    /// <summary>None: a tensor whose dimensions are no tokens, or whose tokens are padded.</summary>
    None,
}

/// <summary>A value of a network that an interpreter computes after its inputs.</summary>
/// <typeparam name="TNode">The interpreter's own type of node.</typeparam>
internal interface IRowNode<TNode>
    where TNode : class, IRowNode<TNode>
{
    /// <summary>What it is computed from.</summary>
    IReadOnlyList<TNode> Inputs { get; }

    /// <summary>The tokens that it has rows for.</summary>
    RowSet Rows { get; set; }

    /// <summary>Can it be computed for these tokens alone?</summary>
    bool CanRestrictTo(RowSet rows);

    /// <summary>The rows of an input that it reads.</summary>
    RowSet Needs(TNode input);
}

/// <summary>Computes only the rows that are read: a head that reads [CLS] alone needs no feed-forward layer of the last layer for the other tokens.</summary>
internal static class RowLiveness
{
    /// <summary>Restricts every node to the rows that something after it reads.</summary>
    /// <param name="nodes">All nodes, each after its inputs.</param>
    /// <param name="outputs">The results, with the rows that are read of them.</param>
    public static void Restrict<TNode>(IReadOnlyList<TNode> nodes, IEnumerable<(TNode Node, RowSet Rows)> outputs)
        where TNode : class, IRowNode<TNode>
    {
        var needs = new Dictionary<TNode, HashSet<RowSet>>(ReferenceEqualityComparer.Instance);
        foreach (var (node, rows) in outputs)
            Need(node, node.Rows == RowSet.Tokens ? rows : node.Rows);
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            var node = nodes[i];
            if (!needs.TryGetValue(node, out var needed))
                continue;
            if (node.Rows == RowSet.Tokens && needed.Count == 1 && node.CanRestrictTo(needed.Single()))
                node.Rows = needed.Single();
            foreach (var input in node.Inputs)
                Need(input, node.Needs(input));
        }

        void Need(TNode node, RowSet rows) => (needs.TryGetValue(node, out var set) ? set : needs[node] = []).Add(rows);
    }
}
