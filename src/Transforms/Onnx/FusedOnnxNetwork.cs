using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>
/// The interpreter that writes a network for ONNX Runtime. It uses what was measured to be fastest on processors, one run of SST-2 through MiniLM
/// after the other: activations stay [tokens, width], so that linear layers are Gemm nodes, which add the bias while they multiply and take weights as
/// the checkpoint has them; Gelu and FusedMatMul of domain com.microsoft. The larger fusions of that domain lose: with Attention and SkipLayerNormalization
/// the same graph takes a quarter longer. Where the head reads [CLS] alone, the last layer computes only
/// keys and values of the other tokens: a seventh less work with six layers.
/// </summary>
/// <param name="observed">Which of the observed values become outputs of the graph.</param>
/// <param name="firstTokenOnly">Does the head read the first token of each row, and no other?</param>
internal sealed class FusedOnnxNetwork(Func<string, bool> observed, bool firstTokenOnly) : OnnxNetwork(observed)
{
    private readonly Dictionary<string, string> _flat = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _shapes = new(StringComparer.Ordinal);

    // How to compute a value for the first token of each row alone, [batch, width]; only values that nobody has asked for whole so far are here.
    private readonly Dictionary<string, Func<OnnxValue>> _firstTokens = new(StringComparer.Ordinal);
    private string? _batchAndLength;

    public override OnnxValue Embedding(OnnxValue ids, string weight, int rows, int width, int? paddingRow = null)
    {
        _batchAndLength ??= Graph.Add("Shape", [ids.Name]);
        return base.Embedding(ids, weight, rows, width, paddingRow);
    }

    public override OnnxValue Linear(OnnxValue x, string weight, string? bias, int inputs, int outputs)
    {
        string[] parameters = bias is null ? [Graph.Weight(weight, outputs, inputs)] : [Graph.Weight(weight, outputs, inputs), Graph.Weight(bias, outputs)];
        var flat = Flatten(x);
        var product = flat with { Name = Graph.Add("Gemm", [flat.Name, .. parameters], new OnnxAttribute("transB", 1L)), Shape = [.. x.Shape[..^1], outputs] };
        return OfTokens(product, () => Linear(FirstTokens(x), weight, bias, inputs, outputs));
    }

    public override OnnxValue Activation(OnnxValue x, Activation function) =>
        OfTokens(
            function == Networks.Activation.Gelu ? x with { Name = Fused("Gelu", [x.Name]) } : base.Activation(x, function),
            () => Activation(FirstTokens(x), function)
        );

    public override OnnxValue AddAndNorm(OnnxValue x, OnnxValue residual, string name, int width, double epsilon, double dropout) =>
        OfTokens(
            base.AddAndNorm(Flatten(x), Flatten(residual), name, width, epsilon, dropout),
            () => base.AddAndNorm(FirstTokens(x), FirstTokens(residual), name, width, epsilon, dropout)
        );

    public override OnnxValue SelfAttention(
        OnnxValue x,
        OnnxValue mask,
        string query,
        string key,
        string value,
        int width,
        int heads,
        double dropout,
        string observed
    )
    {
        Keep(x); // keys and values are of all tokens
        var headWidth = width / heads;
        string Projected(OnnxValue tokens, string name) => Linear(tokens, name + ".weight", name + ".bias", width, width).Name;
        string Heads(string name) =>
            Graph.Add(
                "Transpose",
                [Graph.Add("Reshape", [Projected(x, name), TokensBy(heads, headWidth)])],
                new OnnxAttribute("perm", new long[] { 0, 2, 1, 3 })
            );
        var (keys, values) = (Heads(key), Heads(value));
        string Attended(string queries, string? observed)
        {
            var scores = Fused("FusedMatMul", [queries, keys], new("transB", 1L), new("alpha", 1 / MathF.Sqrt(headWidth)));
            var probabilities = Probabilities(scores, x, mask, heads);
            if (observed is not null)
                Observe(observed, probabilities);
            return Graph.Add("MatMul", [probabilities.Name, values]);
        }
        var attended = Graph.Add("Transpose", [Attended(Heads(query), observed)], new OnnxAttribute("perm", new long[] { 0, 2, 1, 3 }));
        return OfTokens(
            x with
            {
                Name = Graph.Add("Reshape", [attended, Graph.Integers(-1, width)]),
                IsFlat = true,
            },
            () =>
            {
                // A single query needs no transposing: [batch, width] is [batch, heads, 1, headWidth] as it lies.
                var first = Graph.Add("Reshape", [Projected(FirstTokens(x), query), Graph.Integers(-1, heads, 1, headWidth)]);
                return new(Graph.Add("Reshape", [Attended(first, null), Graph.Integers(-1, width)]), x.Shape[0], width);
            }
        );
    }

    public override OnnxValue Token(OnnxValue x, int position) => position == 0 ? FirstTokens(x) : base.Token(x, position);

    public override void Observe(string name, OnnxValue value)
    {
        if (IsObserved(name))
            Keep(value);
        base.Observe(name, value);
    }

    protected override OnnxValue Unflatten(OnnxValue x) =>
        x.IsFlat ? x with { Name = Graph.Add("Reshape", [x.Name, TokensBy(x.Last.Size)]), IsFlat = false } : x;

    private OnnxValue OfTokens(OnnxValue value, Func<OnnxValue> firstTokens)
    {
        if (firstTokenOnly && value.Shape.Length == 3)
            _firstTokens[value.Name] = firstTokens;
        return value;
    }

    // The value is needed whole: its first tokens are taken from it, not computed again.
    private void Keep(OnnxValue value) => _firstTokens.Remove(value.Name);

    private OnnxValue FirstTokens(OnnxValue x) => _firstTokens.TryGetValue(x.Name, out var compute) ? compute() : base.Token(x, 0);

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
    private string TokensBy(params long[] sizes)
    {
        var key = string.Join(',', sizes);
        if (!_shapes.TryGetValue(key, out var shape))
            _shapes[key] = shape = Graph.Add("Concat", [_batchAndLength!, Graph.Integers(sizes)], new OnnxAttribute("axis", 0L));
        return shape;
    }

    private string Fused(string operation, string[] inputs, params OnnxAttribute[] attributes) => Graph.Add(OnnxGraph.Microsoft, operation, inputs, attributes);
}
