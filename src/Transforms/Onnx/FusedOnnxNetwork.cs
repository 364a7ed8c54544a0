using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>
/// The interpreter that writes a network with ONNX Runtime's fused operators (domain com.microsoft) where they are exact: fewer passes over
/// memory and fewer calls. Only ONNX Runtime reads such a graph.
/// </summary>
internal sealed class FusedOnnxNetwork(Func<string, bool> observed) : OnnxNetwork(observed)
{
    private readonly Dictionary<string, string> _masks = new(StringComparer.Ordinal);

    public override OnnxValue Activation(OnnxValue x, Activation function)
    {
        if (function != Networks.Activation.Gelu)
            return base.Activation(x, function);
        var (name, bias) = Graph.TakeBias(x.Name); // the linear layer's: the fused operator adds it
        return x with { Name = bias is null ? Fused("Gelu", [name]) : Fused("BiasGelu", [name, bias]) };
    }

    public override OnnxValue AddAndNorm(OnnxValue x, OnnxValue residual, string name, int width, double epsilon, double dropout)
    {
        var (input, bias) = Graph.TakeBias(x.Name);
        string[] inputs = [input, residual.Name, Graph.Weight(name + ".weight", width), Graph.Weight(name + ".bias", width), .. bias is null ? (string[])[] : [bias]];
        return x with { Name = Fused("SkipLayerNormalization", inputs, new OnnxAttribute("epsilon", (float)epsilon)) };
    }

    public override OnnxValue SelfAttention(OnnxValue x, OnnxValue mask, string query, string key, string value, int width, int heads, double dropout, string observed)
    {
        // The fused operator keeps its probabilities to itself.
        if (IsObserved(observed))
            return base.SelfAttention(x, mask, query, key, value, width, heads, dropout, observed);
        string[] parts = [query, key, value];
        var merged = query + "_key_value";
        var weight = Graph.Weight(merged + ".weight.T", [width, 3 * width], (weights, destination) =>
        {
            for (var part = 0; part < parts.Length; part++)
                ReadTransposed(weights, parts[part] + ".weight", destination, width, width, 3 * width, part * width);
        });
        var bias = Graph.Weight(merged + ".bias", [3 * width], (weights, destination) =>
        {
            for (var part = 0; part < parts.Length; part++)
                weights.Read(parts[part] + ".bias", destination.Slice(part * width, width));
        });
        return x with
        {
            Name = Fused("Attention", [x.Name, weight, bias, IntegerMask(mask)], new("num_heads", (long)heads), new("mask_filter_value", float.MinValue)),
        };
    }

    private string IntegerMask(OnnxValue mask)
    {
        if (!_masks.TryGetValue(mask.Name, out var integers))
            _masks[mask.Name] = integers = Graph.Add("Cast", [mask.Name], new OnnxAttribute("to", (long)OnnxElementType.Int32));
        return integers;
    }

    private string Fused(string operation, string[] inputs, params OnnxAttribute[] attributes) => Graph.Add(OnnxGraph.Microsoft, operation, inputs, 1, attributes)[0];
}
