namespace BertMl.Networks;

/// <summary>The interpreter that only lists parameters, in the order in which the network uses them.</summary>
public sealed class ParameterList : INetwork<ParameterList.Nothing>
{
    private readonly List<Parameter> _parameters = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly ModelConfig _config;

    private ParameterList(ModelConfig config) => _config = config;

    /// <summary>The parameters of a network.</summary>
    /// <param name="config">Its architecture and shape.</param>
    /// <param name="head">Its head.</param>
    /// <exception cref="ArgumentException">The architecture has no such head.</exception>
    public static IReadOnlyList<Parameter> Of(ModelConfig config, Head head)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(head);
        var list = new ParameterList(config);
        _ = head.Network(list, config, default);
        return list._parameters;
    }

    /// <summary>A value of which nothing needs to be known.</summary>
    public readonly record struct Nothing;

    private Nothing Add(string name, Initialization initialization, int[] shape, int? paddingRow = null) => Add(new(name, shape, initialization, paddingRow));

    private Nothing Add(Parameter parameter)
    {
        if (!_names.Add(parameter.Name))
            return default;
        _parameters.Add(
            parameter with
            {
                Decays = _config.Architecture.Decays(_config, parameter),
                Distribution = _config.Architecture.InitialDistribution(_config, parameter),
            }
        );
        return default;
    }

    Nothing INetwork<Nothing>.Parameter(string name, Initialization initialization, params int[] shape) => Add(name, initialization, shape);

    Nothing INetwork<Nothing>.Parameter(string name, double value, bool isTrained, params int[] shape) =>
        Add(new(name, shape, Initialization.Constant) { Value = value, IsTrained = isTrained });

    Nothing INetwork<Nothing>.Embedding(Nothing ids, string weight, int rows, int width, int? paddingRow) =>
        Add(weight, Initialization.Normal, [rows, width], paddingRow);

    Nothing INetwork<Nothing>.Linear(Nothing x, string weight, string? bias, int inputs, int outputs, bool transposed)
    {
        Add(weight, Initialization.Normal, transposed ? [inputs, outputs] : [outputs, inputs]);
        return bias is null ? default : Add(bias, Initialization.Zeros, [outputs]);
    }

    Nothing INetwork<Nothing>.LayerNorm(Nothing x, string name, int width, double epsilon, bool hasBias)
    {
        Add(name + ".weight", Initialization.Ones, [width]);
        return hasBias ? Add(name + ".bias", Initialization.Zeros, [width]) : default;
    }

    Nothing INetwork<Nothing>.Constant(string name, Func<float[]> values, params int[] shape) => default;

    Nothing INetwork<Nothing>.Positions(Nothing ids, int? paddingId) => default;

    Nothing INetwork<Nothing>.RelativePositions(Nothing ids, string name, int longest, Func<int, int> index) => default;

    Nothing INetwork<Nothing>.Gather(Nothing table, Nothing indices) => default;

    Nothing INetwork<Nothing>.GatherElements(Nothing x, Nothing indices) => default;

    Nothing INetwork<Nothing>.MatMul(Nothing a, Nothing b) => default;

    Nothing INetwork<Nothing>.Add(Nothing a, Nothing b) => default;

    Nothing INetwork<Nothing>.Multiply(Nothing a, Nothing b) => default;

    Nothing INetwork<Nothing>.Scale(Nothing x, double factor, double shift) => default;

    Nothing INetwork<Nothing>.Power(Nothing x, double exponent) => default;

    Nothing INetwork<Nothing>.Clip(Nothing x, double minimum, double maximum) => default;

    Nothing INetwork<Nothing>.Map(Nothing x, ElementaryFunction function) => default;

    Nothing INetwork<Nothing>.Mean(Nothing x) => default;

    Nothing INetwork<Nothing>.Softmax(Nothing x) => default;

    Nothing INetwork<Nothing>.Dropout(Nothing x, double probability) => default;

    Nothing INetwork<Nothing>.Pad(Nothing x) => default;

    Nothing INetwork<Nothing>.Unpad(Nothing x) => default;

    Nothing INetwork<Nothing>.SplitLast(Nothing x, int outer, int inner) => default;

    Nothing INetwork<Nothing>.MergeLast(Nothing x) => default;

    Nothing INetwork<Nothing>.Transpose(Nothing x, params int[] order) => default;

    Nothing INetwork<Nothing>.Slice(Nothing x, int start, int count) => default;

    Nothing INetwork<Nothing>.Concat(params Nothing[] values) => default;

    Nothing INetwork<Nothing>.MaskScores(Nothing scores, Nothing mask, AttentionMask rules) => default;

    Nothing INetwork<Nothing>.MaskTokens(Nothing x, Nothing mask) => default;

    Nothing INetwork<Nothing>.MeanTokens(Nothing x, Nothing mask) => default;

    Nothing INetwork<Nothing>.FirstTokens(Nothing x) => default;

    Nothing INetwork<Nothing>.LastTokens(Nothing x, Nothing mask) => default;

    Nothing INetwork<Nothing>.PredictedTokens(Nothing x) => default;

    Nothing INetwork<Nothing>.Feature(Nothing x, int index) => default;

    Nothing INetwork<Nothing>.MergeChoices(Nothing ids) => default;

    Nothing INetwork<Nothing>.SplitChoices(Nothing logits, Nothing ids) => default;

    void INetwork<Nothing>.Observe(string name, Nothing value) { }
}
