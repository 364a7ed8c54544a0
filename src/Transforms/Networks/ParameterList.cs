namespace BertMl.Networks;

/// <summary>A parameter of a network: what a checkpoint must hold for it, and how it starts where no checkpoint has it.</summary>
/// <param name="Name">Name in the checkpoint.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Initialization">How it is initialized.</param>
/// <param name="PaddingRow">The row of an embedding that starts at zero, or null.</param>
public sealed record Parameter(string Name, IReadOnlyList<int> Shape, Initialization Initialization, int? PaddingRow = null)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Does weight decay apply? Not to biases and layer normalization, as in BERT's own training.</summary>
    public bool Decays => Initialization == Initialization.Normal;
}

/// <summary>How a parameter starts.</summary>
public enum Initialization
{
    /// <summary>Normal with mean 0 and the configuration's standard deviation.</summary>
    Normal,

    /// <summary>Zeros: biases.</summary>
    Zeros,

    /// <summary>Ones: scales of layer normalization.</summary>
    Ones,
}

/// <summary>The interpreter that only lists parameters, in the order in which the network uses them.</summary>
public sealed class ParameterList : INetwork<ParameterList.Nothing>
{
    private readonly List<Parameter> _parameters = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    private ParameterList() { }

    /// <summary>The parameters of a BERT with the head of a task.</summary>
    public static IReadOnlyList<Parameter> Of(BertConfig config, ModelTask task)
    {
        var list = new ParameterList();
        _ = Bert.Build(list, config, task, default);
        return list._parameters;
    }

    /// <summary>A value of which nothing needs to be known.</summary>
    public readonly record struct Nothing;

    private Nothing Add(string name, Initialization initialization, params int[] shape) => Add(new(name, shape, initialization));

    private Nothing Add(Parameter parameter)
    {
        if (_names.Add(parameter.Name))
            _parameters.Add(parameter);
        return default;
    }

    Nothing INetwork<Nothing>.Embedding(Nothing ids, string weight, int rows, int width, int? paddingRow) =>
        Add(new Parameter(weight, [rows, width], Initialization.Normal, paddingRow));

    Nothing INetwork<Nothing>.PositionEmbedding(Nothing ids, string weight, int rows, int width) => Add(weight, Initialization.Normal, rows, width);

    Nothing INetwork<Nothing>.Linear(Nothing x, string weight, string? bias, int inputs, int outputs)
    {
        Add(weight, Initialization.Normal, outputs, inputs);
        return bias is null ? default : Add(bias, Initialization.Zeros, outputs);
    }

    Nothing INetwork<Nothing>.LayerNorm(Nothing x, string name, int width, double epsilon)
    {
        Add(name + ".weight", Initialization.Ones, width);
        return Add(name + ".bias", Initialization.Zeros, width);
    }

    Nothing INetwork<Nothing>.AddAndNorm(Nothing x, Nothing residual, string name, int width, double epsilon, double dropout) =>
        ((INetwork<Nothing>)this).LayerNorm(x, name, width, epsilon);

    Nothing INetwork<Nothing>.SelfAttention(
        Nothing x,
        Nothing mask,
        string query,
        string key,
        string value,
        int width,
        int heads,
        double dropout,
        string observed
    )
    {
        foreach (var name in (ReadOnlySpan<string>)[query, key, value])
        {
            Add(name + ".weight", Initialization.Normal, width, width);
            Add(name + ".bias", Initialization.Zeros, width);
        }
        return default;
    }

    Nothing INetwork<Nothing>.Activation(Nothing x, Activation function) => default;

    Nothing INetwork<Nothing>.Add(Nothing a, Nothing b) => default;

    Nothing INetwork<Nothing>.Dropout(Nothing x, double probability) => default;

    Nothing INetwork<Nothing>.Token(Nothing x, int position) => default;

    Nothing INetwork<Nothing>.Feature(Nothing x, int index) => default;

    Nothing INetwork<Nothing>.PredictedTokens(Nothing x) => default;

    Nothing INetwork<Nothing>.MergeChoices(Nothing ids) => default;

    Nothing INetwork<Nothing>.SplitChoices(Nothing logits, Nothing ids) => default;

    void INetwork<Nothing>.Observe(string name, Nothing value) { }
}
