using BertMl.Networks;

namespace BertMl.Onnx;

/// <content>Positions, masks, and the selection of rows.</content>
internal partial class OnnxEmitter
{
    private readonly Dictionary<(string Mask, AttentionMask Rules, RowSet Rows), string> _visible = [];
    private readonly Dictionary<string, string> _additive = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _shared = new(StringComparer.Ordinal);
    private OnnxValue? _mask;

    /// <summary>[1, length] of 0, 1, 2 ..., or RoBERTa's count of what is not padding, [batch, length].</summary>
    public OnnxValue Positions(OnnxValue ids, int? paddingId)
    {
        if (paddingId is not { } padding)
            return new(Graph.Add("Unsqueeze", [Range(ids), Graph.Integers(0)]), 1, ids.Last);
        var isToken = Graph.Add("Not", [Graph.Add("Equal", [ids.Name, Graph.Integer(padding)])]);
        var tokens = Graph.Add("Cast", [isToken], new OnnxAttribute("to", (long)OnnxElementType.Int64));
        var counted = Graph.Add("Mul", [Graph.Add("CumSum", [tokens, Graph.Integer(1)]), tokens]);
        return ids with { Name = Graph.Add("Add", [counted, Graph.Integer(padding)]) };
    }

    /// <summary>[length, length]: a table of the function, looked up by i - j.</summary>
    public OnnxValue RelativePositions(OnnxValue ids, string name, int longest, Func<int, int> index)
    {
        var table = Graph.IntegerTable(name, [.. Enumerable.Range(-longest + 1, 2 * longest - 1).Select(distance => (long)index(distance))]);
        return new(Graph.Add("Gather", [table, Graph.Add("Add", [Distances(ids), Graph.Integer(longest - 1)])]), ids.Last, ids.Last);
    }

    /// <summary>
    /// Scores with the least float where a key is hidden, as Hugging Face has them: a query that sees nothing attends to all alike, and no NaN arises.
    /// </summary>
    public OnnxValue MaskScores(OnnxValue scores, OnnxValue mask, AttentionMask rules, RowSet rows)
    {
        // The last token sees all tokens before it, and every token sees itself.
        if (rows == RowSet.LastTokens)
            rules = rules with { Causal = false };
        if (rules == default)
            return scores with { Name = Graph.Add("Add", [scores.Name, AdditiveMask(mask)]) };
        return scores with { Name = Graph.Add("Where", [Visible(mask, rules, rows), scores.Name, Graph.Scalar(float.MinValue)]) };
    }

    public OnnxValue MaskTokens(OnnxValue x, OnnxValue mask) => Elementwise("Mul", Unflatten(x), TokenMask(mask));

    public OnnxValue MeanTokens(OnnxValue x, OnnxValue mask)
    {
        string Sum(string values) => Graph.Add("ReduceSum", [values, Graph.Integers(1)], new OnnxAttribute("keepdims", 0L));
        var sum = Sum(MaskTokens(x, mask).Name);
        return new(Graph.Add("Div", [sum, Sum(TokenMask(mask).Name)]), x.Shape[0], x.Last);
    }

    /// <summary>Some rows of a value that has all tokens.</summary>
    public OnnxValue Select(OnnxValue x, RowSet rows)
    {
        x = Unflatten(x);
        OnnxDimension[] features = x.Shape[2..];
        switch (rows)
        {
            case RowSet.FirstTokens:
                return new(Graph.Add("Gather", [x.Name, Graph.Integer(0)], new OnnxAttribute("axis", 1L)), [x.Shape[0], .. features]);
            case RowSet.LastTokens when x.Shape[0].Size == 1:
                // The same for all rows of the batch.
                return new(Graph.Add("Gather", [Graph.Add("Squeeze", [x.Name, Graph.Integers(0)]), LastIndex()]), ["batch_size", .. features]);
            case RowSet.LastTokens:
                var indices = Graph.Add("Unsqueeze", [LastIndex(), Graph.Integers(1)]);
                return new(Graph.Add("GatherND", [x.Name, indices], new OnnxAttribute("batch_dims", 1L)), [x.Shape[0], .. features]);
            case RowSet.PredictedTokens:
                return new(Graph.Add("GatherND", [x.Name, PredictedPlaces()]), [OnnxNames.PredictedTokens, .. features]);
            default:
                throw new InvalidOperationException($"A value has no rows {rows} to take.");
        }
    }

    public OnnxValue Feature(OnnxValue x, int index) =>
        new(Graph.Add("Gather", [Unflatten(x).Name, Graph.Integer(index)], new OnnxAttribute("axis", (long)x.Shape.Length - 1)), x.Shape[..^1]);

    public OnnxValue MergeChoices(OnnxValue ids)
    {
        var merged = new OnnxValue(Reshape(ids, Dimension(ids, 2)), "batch_size*num_choices", ids.Last);
        if (ids.Name == OnnxNames.AttentionMask)
            _mask = merged;
        return merged;
    }

    public OnnxValue SplitChoices(OnnxValue logits, OnnxValue ids) => new(Reshape(logits, Dimension(ids, 1)), ids.Shape[0], ids.Shape[1]);

    private string Reshape(OnnxValue x, string last) =>
        Graph.Add("Reshape", [x.Name, Graph.Add("Concat", [Graph.Integers(-1), last], new OnnxAttribute("axis", 0L))]);

    // [batch, length] of 1 and 0 to [batch, 1, 1, length] of 0 and the least float.
    private string AdditiveMask(OnnxValue mask)
    {
        if (_additive.TryGetValue(mask.Name, out var additive))
            return additive;
        var floats = Graph.Add("Cast", [Graph.Add("Unsqueeze", [mask.Name, Graph.Integers(1, 2)])], new OnnxAttribute("to", (long)OnnxElementType.Float));
        var padding = Graph.Add("Sub", [Graph.Scalar(1), floats]);
        return _additive[mask.Name] = Graph.Add("Mul", [padding, Graph.Scalar(float.MinValue)]);
    }

    // Which keys each query sees; broadcasts to [batch, heads, queries, length].
    private string Visible(OnnxValue mask, AttentionMask rules, RowSet rows)
    {
        if (_visible.TryGetValue((mask.Name, rules, rows), out var visible))
            return visible;
        var tokens = Graph.Add("Cast", [mask.Name], new OnnxAttribute("to", (long)OnnxElementType.Boolean));
        visible = Graph.Add("Unsqueeze", [tokens, Graph.Integers(1, 2)]);
        if (rules.Causal)
            visible = And(visible, Queries("GreaterOrEqual", Graph.Integer(0)));
        if (rules.Window is { } window)
        {
            visible = And(visible, Queries("LessOrEqual", Graph.Integer(window)));
            visible = And(visible, Queries("GreaterOrEqual", Graph.Integer(-window)));
        }
        if (rules.Queries && rows == RowSet.Tokens)
            visible = And(visible, Graph.Add("Unsqueeze", [tokens, Graph.Integers(1, 3)]));
        return _visible[(mask.Name, rules, rows)] = visible;

        string And(string a, string b) => Graph.Add("And", [a, b]);
        // A comparison of the distance from key to query, of the queries that there are: [length, length], [1, length] or [batch, 1, 1, length].
        string Queries(string comparison, string limit)
        {
            var distances = Distances(mask);
            if (rows == RowSet.FirstTokens)
                distances = Graph.Add("Gather", [distances, Graph.Integers(0)]);
            else if (rows == RowSet.LastTokens)
                distances = Graph.Add("Unsqueeze", [Graph.Add("Gather", [distances, LastIndex()]), Graph.Integers(1, 2)]);
            return Graph.Add(comparison, [distances, limit]);
        }
    }

    // [batch, length, 1] of 1 and 0.
    private OnnxValue TokenMask(OnnxValue mask)
    {
        var floats = Shared("token_mask", () => Graph.Add("Cast", [mask.Name], new OnnxAttribute("to", (long)OnnxElementType.Float)));
        return new(Shared("token_mask_column", () => Graph.Add("Unsqueeze", [floats, Graph.Integers(2)])), [.. mask.Shape, 1]);
    }

    // 0, 1, 2 ... length - 1.
    private string Range(OnnxValue ids) =>
        Shared(
            "range",
            () =>
            {
                var length = Graph.Add("Squeeze", [Dimension(ids, ids.Shape.Length - 1), Graph.Integers(0)]);
                return Graph.Add("Range", [Graph.Integer(0), length, Graph.Integer(1)]);
            }
        );

    // i - j, [length, length].
    private string Distances(OnnxValue ids) =>
        Shared(
            "distances",
            () => Graph.Add("Sub", [Graph.Add("Unsqueeze", [Range(ids), Graph.Integers(1)]), Graph.Add("Unsqueeze", [Range(ids), Graph.Integers(0)])])
        );

    // The place of each row's last token, [batch], wherever padding stands.
    private string LastIndex() =>
        Shared(
            "last",
            () =>
            {
                var mask = _mask ?? new OnnxValue(OnnxNames.AttentionMask, "batch_size", "sequence_length");
                var counted = Graph.Add("Mul", [mask.Name, Graph.Add("Add", [Range(mask), Graph.Integer(1)])]);
                var floats = Graph.Add("Cast", [counted], new OnnxAttribute("to", (long)OnnxElementType.Float));
                return Graph.Add("ArgMax", [floats], new OnnxAttribute("axis", 1L), new OnnxAttribute("keepdims", 0L));
            }
        );

    // Where the predicted token stands, [places, 2].
    private string PredictedPlaces() =>
        Shared(
            "predicted",
            () =>
            {
                var places = Graph.Add("NonZero", [Graph.Add("Equal", [OnnxNames.InputIds, Graph.Integer(Predicted.TokenId!.Value)])]);
                return Graph.Add("Transpose", [places], new OnnxAttribute("perm", new long[] { 1, 0 }));
            }
        );

    /// <summary>A value that is written once, under a key.</summary>
    protected string Shared(string key, Func<string> add)
    {
        if (!_shared.TryGetValue(key, out var name))
            _shared[key] = name = add();
        return name;
    }

    /// <summary>One dimension of a value, as a vector of one integer.</summary>
    private string Dimension(OnnxValue x, int axis) => Graph.Add("Shape", [x.Name], new("start", (long)axis), new("end", (long)axis + 1));
}
