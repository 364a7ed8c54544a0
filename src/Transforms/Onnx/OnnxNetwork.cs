using BertMl.Checkpoints;
using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>
/// The interpreter that writes a network as an ONNX graph of standard operators only, so that any runtime reads it: opset 17, the first
/// with LayerNormalization, which ONNX Runtime has read since 1.12 (2022). Gelu, an operator of opset 20 only, is written out by Erf in the form
/// that runtimes recognize and fuse.
/// </summary>
/// <param name="observed">Which of the observed values ("hidden_states.0", "attentions.1") become outputs of the graph.</param>
internal class OnnxNetwork(Func<string, bool> observed) : INetwork<OnnxValue>
{
    /// <summary>Version of the standard operators that graphs are written in.</summary>
    public const int OperatorSet = 17;

    private const string InputIds = "input_ids";

    private readonly Dictionary<string, string> _masks = new(StringComparer.Ordinal);

    /// <summary>The token whose places are all that a masked-language-model head computes; null: it computes all tokens.</summary>
    private int? PredictedTokenId { get; init; }

    /// <summary>The graph so far.</summary>
    protected OnnxGraph Graph { get; } = new();

    /// <summary>The graph of a BERT with the head of a task.</summary>
    /// <param name="config">The network's shape.</param>
    /// <param name="task">The head.</param>
    /// <param name="style">Which operators to use.</param>
    /// <param name="observed">Which of the observed values become outputs.</param>
    /// <param name="predictedTokenId">See <see cref="OnnxModelOptions.PredictedTokenId"/>.</param>
    public static OnnxGraph Build(BertConfig config, ModelTask task, OnnxOperators style, Func<string, bool> observed, int? predictedTokenId = null)
    {
        var firstTokenOnly = task is ModelTask.SequenceClassification or ModelTask.MultipleChoice or ModelTask.NextSentencePrediction;
        var net =
            style == OnnxOperators.Fused
                ? new FusedOnnxNetwork(observed, firstTokenOnly) { PredictedTokenId = predictedTokenId }
                : new OnnxNetwork(observed) { PredictedTokenId = predictedTokenId };
        var graph = net.Graph;
        OnnxDimension[] shape = task == ModelTask.MultipleChoice ? ["batch_size", "num_choices", "sequence_length"] : ["batch_size", "sequence_length"];
        OnnxValue Input(string name)
        {
            var value = new OnnxValue(name, shape);
            graph.Inputs.Add((value, OnnxElementType.Int64));
            return value;
        }
        foreach (var output in Bert.Build(net, config, task, new(Input(InputIds), Input("attention_mask"), Input("token_type_ids"))))
            graph.AddOutput(output.Name, net.Unflatten(output.Value));
        graph.RemoveUnused();
        return graph;
    }

    public virtual OnnxValue Embedding(OnnxValue ids, string weight, int rows, int width, int? paddingRow = null) =>
        new(Graph.Add("Gather", [Graph.Weight(weight, rows, width), ids.Name]), [.. ids.Shape, width]);

    public OnnxValue PositionEmbedding(OnnxValue ids, string weight, int rows, int width)
    {
        var length = Dimension(ids, 1);
        var positions = Graph.Add("Slice", [Graph.Weight(weight, rows, width), Graph.Integers(0), length, Graph.Integers(0)]);
        return new(Graph.Add("Unsqueeze", [positions, Graph.Integers(0)]), [1, ids.Last, width]);
    }

    public virtual OnnxValue Linear(OnnxValue x, string weight, string? bias, int inputs, int outputs)
    {
        var product = Graph.Add("MatMul", [x.Name, Transposed(weight, inputs, outputs)]);
        return new(bias is null ? product : Graph.Add("Add", [product, Graph.Weight(bias, outputs)]), [.. x.Shape[..^1], outputs]);
    }

    public virtual OnnxValue Activation(OnnxValue x, Activation function) =>
        x with
        {
            Name = function switch
            {
                Networks.Activation.Gelu => Gelu(x.Name),
                Networks.Activation.GeluTanh => GeluTanh(x.Name),
                Networks.Activation.Relu => Graph.Add("Relu", [x.Name]),
                Networks.Activation.Tanh => Graph.Add("Tanh", [x.Name]),
                Networks.Activation.Silu => Graph.Add("Mul", [x.Name, Graph.Add("Sigmoid", [x.Name])]),
                _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation."),
            },
        };

    public OnnxValue Add(OnnxValue a, OnnxValue b) => a with { Name = Graph.Add("Add", [a.Name, b.Name]) };

    public virtual OnnxValue LayerNorm(OnnxValue x, string name, int width, double epsilon) =>
        x with
        {
            Name = Graph.Add(
                "LayerNormalization",
                [x.Name, Graph.Weight(name + ".weight", width), Graph.Weight(name + ".bias", width)],
                new("axis", -1L),
                new("epsilon", (float)epsilon)
            ),
        };

    public virtual OnnxValue AddAndNorm(OnnxValue x, OnnxValue residual, string name, int width, double epsilon, double dropout) =>
        LayerNorm(Add(x, residual), name, width, epsilon);

    public OnnxValue Dropout(OnnxValue x, double probability) => x;

    public virtual OnnxValue SelfAttention(
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
        var headWidth = width / heads;
        string Heads(string name, params long[] order)
        {
            var projected = Linear(x, name + ".weight", name + ".bias", width, width);
            return Graph.Add("Transpose", [Graph.Add("Reshape", [projected.Name, Graph.Integers(0, 0, heads, headWidth)])], new OnnxAttribute("perm", order));
        }
        var scores = Graph.Add("MatMul", [Heads(query, 0, 2, 1, 3), Heads(key, 0, 2, 3, 1)]);
        scores = Graph.Add("Div", [scores, Graph.Scalar(MathF.Sqrt(headWidth))]);
        var probabilities = Probabilities(scores, x, mask, heads);
        Observe(observed, probabilities);
        var attended = Graph.Add(
            "Transpose",
            [Graph.Add("MatMul", [probabilities.Name, Heads(value, 0, 2, 1, 3)])],
            new OnnxAttribute("perm", new long[] { 0, 2, 1, 3 })
        );
        return x with { Name = Graph.Add("Reshape", [attended, Graph.Integers(0, 0, width)]) };
    }

    public virtual OnnxValue Token(OnnxValue x, int position) => Pick(x, 1, position);

    public OnnxValue Feature(OnnxValue x, int index) => Pick(x, x.Shape.Length - 1, index);

    public OnnxValue PredictedTokens(OnnxValue x)
    {
        if (PredictedTokenId is not { } id)
            return x;
        var places = Graph.Add("NonZero", [Graph.Add("Equal", [InputIds, Graph.Integer(id)])]);
        places = Graph.Add("Transpose", [places], new OnnxAttribute("perm", new long[] { 1, 0 }));
        return new(Graph.Add("GatherND", [Unflatten(x).Name, places]), "predicted_tokens", x.Last);
    }

    public OnnxValue MergeChoices(OnnxValue ids) =>
        new(
            Graph.Add("Reshape", [ids.Name, Graph.Add("Concat", [Graph.Integers(-1), Dimension(ids, 2)], new OnnxAttribute("axis", 0L))]),
            "batch_size*num_choices",
            ids.Last
        );

    public OnnxValue SplitChoices(OnnxValue logits, OnnxValue ids) =>
        new(
            Graph.Add("Reshape", [logits.Name, Graph.Add("Concat", [Graph.Integers(-1), Dimension(ids, 1)], new OnnxAttribute("axis", 0L))]),
            ids.Shape[0],
            ids.Shape[1]
        );

    public virtual void Observe(string name, OnnxValue value)
    {
        if (IsObserved(name))
            Graph.AddOutput(name, Unflatten(value));
    }

    /// <summary>Is a value to become an output?</summary>
    protected bool IsObserved(string name) => observed(name);

    /// <summary>softmax(scores + mask), [batch, heads, length, length].</summary>
    protected OnnxValue Probabilities(string scores, OnnxValue x, OnnxValue mask, int heads) =>
        new(Graph.Add("Softmax", [Graph.Add("Add", [scores, AdditiveMask(mask)])], new OnnxAttribute("axis", -1L)), x.Shape[0], heads, x.Shape[1], x.Shape[1]);

    /// <summary>A value in the shape it is said to have, for an interpreter that keeps tokens without their rows.</summary>
    protected virtual OnnxValue Unflatten(OnnxValue x) => x;

    // x / √2 → Erf → + 1 → · x → · 0.5: the form that ONNX Runtime, OpenVINO and TensorRT recognize.
    private string Gelu(string x)
    {
        var erf = Graph.Add("Erf", [Graph.Add("Div", [x, Graph.Scalar(MathF.Sqrt(2))])]);
        return Graph.Add("Mul", [Graph.Add("Mul", [x, Graph.Add("Add", [erf, Graph.Scalar(1)])]), Graph.Scalar(0.5f)]);
    }

    // 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))
    private string GeluTanh(string x)
    {
        var cubic = Graph.Add("Mul", [Graph.Add("Pow", [x, Graph.Scalar(3)]), Graph.Scalar(0.044715f)]);
        var inner = Graph.Add("Mul", [Graph.Add("Add", [x, cubic]), Graph.Scalar(MathF.Sqrt(2 / MathF.PI))]);
        var outer = Graph.Add("Add", [Graph.Add("Tanh", [inner]), Graph.Scalar(1)]);
        return Graph.Add("Mul", [Graph.Add("Mul", [x, outer]), Graph.Scalar(0.5f)]);
    }

    // [batch, length] of 1 and 0 to [batch, 1, 1, length] of 0 and the least float, as Hugging Face adds it: a row of nothing but padding
    // then attends to all alike, and no NaN arises.
    private string AdditiveMask(OnnxValue mask)
    {
        if (_masks.TryGetValue(mask.Name, out var additive))
            return additive;
        var floats = Graph.Add("Cast", [Graph.Add("Unsqueeze", [mask.Name, Graph.Integers(1, 2)])], new OnnxAttribute("to", (long)OnnxElementType.Float));
        var padding = Graph.Add("Sub", [Graph.Scalar(1), floats]);
        return _masks[mask.Name] = Graph.Add("Mul", [padding, Graph.Scalar(float.MinValue)]);
    }

    private OnnxValue Pick(OnnxValue x, int axis, int index)
    {
        var picked = Graph.Add("Gather", [Unflatten(x).Name, Graph.Integer(index)], new OnnxAttribute("axis", (long)axis));
        return new(picked, [.. x.Shape[..axis], .. x.Shape[(axis + 1)..]]);
    }

    private string Dimension(OnnxValue x, int axis) => Graph.Add("Shape", [x.Name], new("start", (long)axis), new("end", (long)axis + 1));

    // MatMul takes [inputs, outputs]. A weight that an embedding has already (tied weights) is transposed within the graph instead of being stored twice.
    private string Transposed(string weight, int inputs, int outputs)
    {
        if (Graph.HasWeight(weight))
            return Graph.Add("Transpose", [weight], new OnnxAttribute("perm", new long[] { 1, 0 }));
        return Graph.Weight(weight + ".T", [inputs, outputs], (weights, destination) => ReadTransposed(weights, weight, destination, inputs, outputs));
    }

    private static void ReadTransposed(ITensors weights, string name, Span<float> destination, int inputs, int outputs)
    {
        var source = new float[checked(inputs * outputs)];
        weights.Read(name, source);
        const int block = 32;
        for (var i = 0; i < inputs; i += block)
        for (var o = 0; o < outputs; o++)
        for (var k = i; k < Math.Min(i + block, inputs); k++)
            destination[k * outputs + o] = source[o * inputs + k];
    }
}
