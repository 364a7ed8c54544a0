using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>
/// The interpreter that writes a network for ONNX Runtime. It uses what was measured to be fastest on processors, one run of SST-2 through MiniLM
/// after the other: activations stay [tokens, width], so that linear layers are Gemm nodes, which add the bias while they multiply and take weights as
/// the checkpoint has them; Gelu and FusedMatMul of domain com.microsoft. The larger fusions of that domain lose: with Attention and SkipLayerNormalization
/// the same graph takes a quarter longer.
/// </summary>
internal sealed class FusedOnnxNetwork(Func<string, bool> observed) : OnnxNetwork(observed)
{
    private readonly Dictionary<string, string> _flat = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _shapes = new(StringComparer.Ordinal);
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
        return flat with { Name = Graph.Add("Gemm", [flat.Name, .. parameters], new OnnxAttribute("transB", 1L)), Shape = [.. x.Shape[..^1], outputs] };
    }

    public override OnnxValue Activation(OnnxValue x, Activation function) =>
        function == Networks.Activation.Gelu ? x with { Name = Fused("Gelu", [x.Name]) } : base.Activation(x, function);

    public override OnnxValue AddAndNorm(OnnxValue x, OnnxValue residual, string name, int width, double epsilon, double dropout) =>
        base.AddAndNorm(Flatten(x), Flatten(residual), name, width, epsilon, dropout);

    public override OnnxValue SelfAttention(OnnxValue x, OnnxValue mask, string query, string key, string value, int width, int heads, double dropout, string observed)
    {
        var headWidth = width / heads;
        string Heads(string name)
        {
            var projected = Linear(x, name + ".weight", name + ".bias", width, width);
            return Graph.Add("Transpose", [Graph.Add("Reshape", [projected.Name, TokensBy(heads, headWidth)])], new OnnxAttribute("perm", new long[] { 0, 2, 1, 3 }));
        }
        var scores = Fused("FusedMatMul", [Heads(query), Heads(key)], new("transB", 1L), new("alpha", 1 / MathF.Sqrt(headWidth)));
        var probabilities = Probabilities(scores, x, mask, heads);
        Observe(observed, probabilities);
        var attended = Graph.Add("Transpose", [Graph.Add("MatMul", [probabilities.Name, Heads(value)])], new OnnxAttribute("perm", new long[] { 0, 2, 1, 3 }));
        return x with { Name = Graph.Add("Reshape", [attended, Graph.Integers(-1, width)]), IsFlat = true };
    }

    protected override OnnxValue Unflatten(OnnxValue x) =>
        x.IsFlat ? x with { Name = Graph.Add("Reshape", [x.Name, TokensBy(x.Last.Size)]), IsFlat = false } : x;

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
