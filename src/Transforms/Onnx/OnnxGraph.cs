using System.Globalization;
using BertMl.Checkpoints;
using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>Element types of ONNX tensors, by the numbers of TensorProto.DataType.</summary>
internal enum OnnxElementType
{
    Float = 1,
    Int32 = 6,
    Int64 = 7,
    Boolean = 9,
    Float16 = 10,
    BFloat16 = 16,
}

/// <summary>A dimension: a size, or the name of one that is known only when the graph runs.</summary>
internal readonly record struct OnnxDimension(long Size, string? Symbol)
{
    public static implicit operator OnnxDimension(long size) => new(size, null);

    public static implicit operator OnnxDimension(string symbol) => new(-1, symbol);
}

/// <summary>A value of the graph: its name and its shape.</summary>
internal sealed record OnnxValue(string Name, params OnnxDimension[] Shape)
{
    /// <summary>Is it kept as [batch · length, width] for now, whatever the shape says?</summary>
    public bool IsFlat { get; init; }

    public OnnxDimension Last => Shape[^1];
}

/// <summary>An attribute of a node; its value is a long, a float or a long[].</summary>
internal readonly record struct OnnxAttribute(string Name, object Value);

/// <summary>An operation with one output. Operators of domain "" are ONNX's own.</summary>
internal sealed record OnnxNode(string Name, string Domain, string Operator, string[] Inputs, string Output, OnnxAttribute[] Attributes);

/// <summary>A constant of the graph. Weights are not held: they are read from the checkpoint when the graph is written.</summary>
/// <param name="Name">Name in the graph: the parameter's own, where it is stored as the checkpoint stores it.</param>
/// <param name="ElementType">Type of its elements.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Fill">Writes the elements of a float constant into a span of its size.</param>
/// <param name="Integers">The elements of an integer constant.</param>
internal sealed record OnnxInitializer(string Name, OnnxElementType ElementType, long[] Shape, FillWeights? Fill, long[]? Integers)
{
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));
    public long ByteLength => checked(Count * ElementType.Size());
}

/// <summary>Reads the elements of a weight, of which there are as many as <paramref name="destination"/> has places.</summary>
internal delegate void FillWeights(ITensors weights, Span<float> destination);

/// <summary>An ONNX graph while it is being built: nodes in order, constants, inputs and outputs.</summary>
internal sealed class OnnxGraph
{
    private readonly List<OnnxNode> _nodes = [];
    private readonly Dictionary<string, OnnxInitializer> _initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public IReadOnlyList<OnnxNode> Nodes => _nodes;
    public IReadOnlyCollection<OnnxInitializer> Initializers => _initializers.Values;
    public List<(OnnxValue Value, OnnxElementType Type)> Inputs { get; } = [];
    public List<OnnxValue> Outputs { get; } = [];

    /// <summary>Domain of ONNX Runtime's own operators.</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>Adds a node of a standard operator and returns the name of its output.</summary>
    public string Add(string operation, string[] inputs, params OnnxAttribute[] attributes) => Add("", operation, inputs, attributes);

    /// <summary>Adds a node of a domain.</summary>
    public string Add(string domain, string operation, string[] inputs, params OnnxAttribute[] attributes)
    {
        _counts.TryGetValue(operation, out var count);
        _counts[operation] = count + 1;
        var name = $"{operation}_{count}";
        _nodes.Add(new(name, domain, operation, inputs, name + "_output", attributes));
        return name + "_output";
    }

    /// <summary>Makes a value an output of the graph under a name of its own.</summary>
    public void AddOutput(string name, OnnxValue value)
    {
        _nodes.Add(new(name, "", "Identity", [value.Name], name, []));
        Outputs.Add(value with { Name = name });
    }

    /// <summary>Takes out the nodes and constants that no output depends on.</summary>
    public void RemoveUnused()
    {
        var used = Outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = _nodes.Count - 1; i >= 0; i--)
        {
            if (used.Contains(_nodes[i].Output))
                used.UnionWith(_nodes[i].Inputs);
            else
                _nodes.RemoveAt(i);
        }
        foreach (var name in _initializers.Keys.Where(name => !used.Contains(name)).ToList())
            _initializers.Remove(name);
    }

    /// <summary>
    /// Computes in another floating-point type: all constants, and all between the inputs and the outputs, which stay as they are. What is compared to find a
    /// place stays float32, in which places are exact.
    /// </summary>
    public void ComputeIn(OnnxElementType type)
    {
        foreach (var tensor in _initializers.Values.Where(tensor => tensor.ElementType == OnnxElementType.Float).ToList())
            _initializers[tensor.Name] = tensor with { ElementType = type };
        var outputs = Outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var places = _nodes.Where(node => node.Operator == "ArgMax").SelectMany(node => node.Inputs).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < _nodes.Count; i++)
        {
            if (outputs.Contains(_nodes[i].Output))
                _nodes[i] = _nodes[i] with { Operator = "Cast", Attributes = [new("to", (long)OnnxElementType.Float)] };
            else if (_nodes[i] is { Operator: "Cast", Attributes: [{ Value: (long)OnnxElementType.Float }] } && !places.Contains(_nodes[i].Output))
                _nodes[i] = _nodes[i] with { Attributes = [new("to", (long)type)] };
        }
    }

    /// <summary>
    /// Constants that nodes of nothing but constants read: a runtime computes these when it opens the model, and wants the numbers then. In DeBERTa they are
    /// the embedding of distances and what projects it.
    /// </summary>
    public IReadOnlySet<string> ReadAtOpening()
    {
        var constants = new HashSet<string>(_initializers.Keys, StringComparer.Ordinal);
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in _nodes.Where(node => node.Inputs.Length > 0 && Array.TrueForAll(node.Inputs, constants.Contains)))
        {
            constants.Add(node.Output);
            read.UnionWith(node.Inputs);
        }
        return read;
    }

    /// <summary>A vector of integers, shared by all who ask for the same one.</summary>
    public string Integers(params long[] values)
    {
        var name = "int64_" + string.Join('_', values);
        _initializers.TryAdd(name, new(name, OnnxElementType.Int64, [values.Length], null, values));
        return name;
    }

    /// <summary>A vector of many integers, under a name that no other vector has.</summary>
    public string IntegerTable(string name, long[] values)
    {
        _initializers.TryAdd(name, new(name, OnnxElementType.Int64, [values.Length], null, values));
        return name;
    }

    /// <summary>An integer without dimensions, shared by all who ask for the same one.</summary>
    public string Integer(long value)
    {
        var name = "int64_scalar_" + value.ToString(CultureInfo.InvariantCulture);
        _initializers.TryAdd(name, new(name, OnnxElementType.Int64, [], null, [value]));
        return name;
    }

    /// <summary>A number, shared by all who ask for the same one.</summary>
    public string Scalar(float value)
    {
        var name = "float_" + value.ToString("R", CultureInfo.InvariantCulture);
        _initializers.TryAdd(name, new(name, OnnxElementType.Float, [], (_, destination) => destination[0] = value, null));
        return name;
    }

    /// <summary>A parameter as the checkpoint stores it.</summary>
    public string Weight(string parameter, params long[] shape) => Weight(parameter, shape, (weights, destination) => weights.Read(parameter, destination));

    /// <summary>A constant made of parameters.</summary>
    public string Weight(string name, long[] shape, FillWeights fill)
    {
        _initializers.TryAdd(name, new(name, OnnxElementType.Float, shape, fill, null));
        return name;
    }

    /// <summary>Is there a constant of that name already?</summary>
    public bool HasWeight(string name) => _initializers.ContainsKey(name);
}
