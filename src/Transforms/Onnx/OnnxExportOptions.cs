using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>Which operators an exported graph is made of.</summary>
public enum OnnxOperators
{
    /// <summary>Standard operators of ONNX only (opset 17): every runtime reads them.</summary>
    Standard,

    /// <summary>ONNX Runtime's fused operators too (domain com.microsoft): faster, and read by ONNX Runtime only.</summary>
    Fused,
}

/// <summary>How a model is exported to ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Operators of the graph. Default: <see cref="OnnxOperators.Standard"/>.</summary>
    public OnnxOperators Operators { get; init; } = OnnxOperators.Standard;

    /// <summary>Adds outputs <c>hidden_states.0</c> (embeddings) to <c>hidden_states.L</c>, each [batch, length, width]. Default: false.</summary>
    public bool HiddenStates { get; init; }

    /// <summary>Adds outputs <c>attentions.0</c> to <c>attentions.L-1</c>, probabilities of [batch, heads, length, length]. Default: false.</summary>
    public bool Attentions { get; init; }

    /// <summary>
    /// Largest difference between the exported graph and an independent computation from the same weights that is accepted, relative to an output's
    /// largest value. Default 1e-4, as optimum's for BERT.
    /// </summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>Bytes above which weights go to a second file, <c>NAME_data</c>: protobuf's limit. Lower in tests only.</summary>
    internal long MessageLimit { get; init; } = int.MaxValue;

    /// <summary>Observed values that become outputs whatever the other options say, by name.</summary>
    internal IReadOnlyCollection<string> Observed { get; init; } = [];

    internal bool IsObserved(string name) =>
        Observed.Contains(name)
        || HiddenStates && name.StartsWith(ObservedNames.HiddenStates, StringComparison.Ordinal)
        || Attentions && name.StartsWith(ObservedNames.Attentions, StringComparison.Ordinal);
}
