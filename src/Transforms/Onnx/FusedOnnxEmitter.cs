using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>
/// Writes a network for ONNX Runtime. It uses what was measured to be fastest on processors, one run of SST-2 through MiniLM
/// after the other: activations stay [tokens, width], so that linear layers are Gemm nodes, which add the bias while they multiply and take weights as
/// the checkpoint has them; Gelu and FusedMatMul of domain com.microsoft. The larger fusions of that domain lose on processors: with Attention and
/// SkipLayerNormalization the same graph takes a quarter longer there.
/// </summary>
/// <param name="predicted">See <see cref="OnnxEmitter"/>.</param>
/// <param name="fusedAttention">Attention as one node, where it can be: what a GPU may be faster with.</param>
internal sealed class FusedOnnxEmitter(PredictedPlaces predicted, bool fusedAttention = false) : OnnxEmitter(predicted)
{
    private readonly Dictionary<string, string> _flat = new(StringComparer.Ordinal);
    private string? _ids;

    public override OnnxValue Linear(OnnxValue x, string weight, string? bias, int inputs, int outputs, bool transposed)
    {
        // Gemm takes matrices; what has more features than a width (heads) is none.
        if (x.Shape.Length > 3)
            return base.Linear(x, weight, bias, inputs, outputs, transposed);
        var matrix = transposed ? Graph.Weight(weight, inputs, outputs) : Graph.Weight(weight, outputs, inputs);
        var flat = Flatten(x);
        string[] operands = bias is null ? [flat.Name, matrix] : [flat.Name, matrix, Graph.Weight(bias, outputs)];
        var product = Graph.Add("Gemm", operands, new OnnxAttribute("transB", transposed ? 0L : 1L));
        return flat with { Name = product, Shape = [.. x.Shape[..^1], outputs] };
    }

    public override OnnxValue Activation(OnnxValue x, Activation function) =>
        function == Networks.Activation.Gelu ? x with { Name = Fused("Gelu", [x.Name]) } : base.Activation(x, function);

    public override OnnxValue Attention<T>(
        OnnxValue query,
        OnnxValue key,
        OnnxValue value,
        OnnxValue mask,
        AttentionOptions<T> options,
        RowSet rows,
        bool isObserved
    )
    {
        if (!fusedAttention || isObserved || rows != RowSet.Tokens || options.Mask with { Causal = false } != default)
            return base.Attention(query, key, value, mask, options, rows, isObserved);
        query = Unflatten(query);
        var visible = Shared("int32_" + mask.Name, () => Graph.Add("Cast", [mask.Name], new OnnxAttribute("to", (long)OnnxElementType.Int32)));
        var attended = Fused(
            "MultiHeadAttention",
            [query.Name, Unflatten(key).Name, Unflatten(value).Name, "", visible],
            new("num_heads", (long)options.Heads),
            new("unidirectional", options.Mask.Causal ? 1L : 0L),
            new("scale", (float)(options.Scale ?? 1 / Math.Sqrt(options.Width / options.Heads)))
        );
        return query with { Name = attended, Shape = [.. query.Shape[..^1], options.Width] };
    }

    protected override OnnxValue Scores(OnnxValue query, OnnxValue key, int heads, int headWidth, double scale, RowSet rows)
    {
        string[] operands = [Queries(query, heads, headWidth, rows), ByHead(key, heads, headWidth, 0, 2, 1, 3)];
        var scores = Fused("FusedMatMul", operands, new("transB", 1L), new("alpha", (float)scale));
        return new(scores, key.Shape[0], heads, QueryDimension(key, rows), key.Shape[1]);
    }

    protected override string ByHead(OnnxValue x, int heads, int headWidth, params long[] order) =>
        Graph.Add("Transpose", [Graph.Add("Reshape", [x.Name, TokensBy(heads, headWidth)])], new OnnxAttribute("perm", order));

    protected override OnnxValue JoinHeads(string attended, OnnxValue query, int width) =>
        query with
        {
            Name = Graph.Add("Reshape", [attended, Graph.Integers(-1, width)]),
            Shape = [.. query.Shape[..^1], width],
            IsFlat = true,
        };

    protected override string Reshaped(OnnxValue x, int kept, params long[] sizes) => base.Reshaped(x, x.IsFlat ? kept - 1 : kept, sizes);

    public override OnnxValue Unflatten(OnnxValue x) =>
        x.IsFlat ? x with { Name = Graph.Add("Reshape", [x.Name, TokensBy([.. x.Shape[2..].Select(dimension => dimension.Size)])]), IsFlat = false } : x;

    // [batch, length, width] as [batch · length, width]: a view, and one for all who ask.
    private OnnxValue Flatten(OnnxValue x)
    {
        if (x.IsFlat || x.Shape.Length < 3)
            return x;
        if (!_flat.TryGetValue(x.Name, out var flat))
            _flat[x.Name] = flat = Graph.Add("Reshape", [x.Name, Graph.Integers(-1, x.Last.Size)]);
        return x with { Name = flat, IsFlat = true };
    }

    // The shape [batch, length, sizes...], made once for each.
    private string TokensBy(params long[] sizes) =>
        Shared("tokens_by_" + string.Join('_', sizes), () => Graph.Add("Concat", [BatchAndLength(), Graph.Integers(sizes)], new OnnxAttribute("axis", 0L)));

    private string BatchAndLength() => Shared("batch_and_length", () => Graph.Add("Shape", [_ids!]));

    private string Fused(string operation, string[] inputs, params OnnxAttribute[] attributes) => Graph.Add(OnnxGraph.Microsoft, operation, inputs, attributes);

    /// <summary>The ids that the encoder reads: their shape is that of all tokens.</summary>
    public override OnnxValue Gather(OnnxValue table, OnnxValue indices)
    {
        // Not positions, which may be the same for all rows, and not pairs of positions.
        if (indices.Shape is [{ Size: not 1 } batch, var length] && batch != length)
            _ids ??= indices.Name;
        return base.Gather(table, indices);
    }
}
