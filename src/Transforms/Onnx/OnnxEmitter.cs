using BertMl.Networks;

namespace BertMl.Onnx;

/// <summary>
/// Writes the operations of a network as nodes of standard operators only, so that any runtime reads them: opset 17, the first
/// with LayerNormalization, which ONNX Runtime has read since 1.12 (2022). Gelu, an operator of opset 20 only, is written out by Erf in the form
/// that runtimes recognize and fuse. OnnxEmitter.Rows.cs has what selects rows and hides keys.
/// </summary>
/// <param name="predicted">The places that a language model's head computes.</param>
internal partial class OnnxEmitter(PredictedPlaces predicted)
{
    /// <summary>Version of the standard operators that graphs are written in.</summary>
    public const int OperatorSet = 17;

    /// <summary>See the constructor.</summary>
    public PredictedPlaces Predicted => predicted;

    /// <summary>The graph so far.</summary>
    protected OnnxGraph Graph { get; } = new();

    /// <summary>The graph without what nothing reads.</summary>
    public OnnxGraph Finish()
    {
        Graph.RemoveUnused();
        Graph.Inputs.Sort((a, b) => InputOrder(a.Value.Name) - InputOrder(b.Value.Name));
        return Graph;

        static int InputOrder(string name) => Array.IndexOf([OnnxNames.InputIds, OnnxNames.AttentionMask, OnnxNames.TokenTypeIds], name);
    }

    /// <summary>Declares an input of integers.</summary>
    public OnnxValue Input(string name, OnnxDimension[] shape)
    {
        var value = new OnnxValue(name, shape);
        Graph.Inputs.Add((value, OnnxElementType.Int64));
        return value;
    }

    /// <summary>Declares an output.</summary>
    public void Output(string name, OnnxValue value) => Graph.AddOutput(name, Unflatten(value));

    public OnnxValue Parameter(string name, int[] shape) => new(Graph.Weight(name, [.. shape.Select(size => (long)size)]), Dimensions(shape));

    public OnnxValue Constant(string name, Func<float[]> values, int[] shape) =>
        new(Graph.Weight(name, [.. shape.Select(size => (long)size)], (_, destination) => values().CopyTo(destination)), Dimensions(shape));

    public virtual OnnxValue Gather(OnnxValue table, OnnxValue indices) => new(Graph.Add("Gather", [table.Name, indices.Name]), [.. indices.Shape, table.Last]);

    /// <summary>GatherElements wants indices of x's own shape, so they are expanded.</summary>
    public OnnxValue GatherElements(OnnxValue x, OnnxValue indices)
    {
        var leading = Graph.Add("Shape", [x.Name], new OnnxAttribute("end", -2L));
        var shape = Graph.Add("Concat", [leading, Graph.Add("Shape", [indices.Name])], new OnnxAttribute("axis", 0L));
        var expanded = Graph.Add("Expand", [indices.Name, shape]);
        return new(Graph.Add("GatherElements", [x.Name, expanded], new OnnxAttribute("axis", -1L)), [.. x.Shape[..^1], indices.Last]);
    }

    public virtual OnnxValue Linear(OnnxValue x, string weight, string? bias, int inputs, int outputs, bool transposed)
    {
        var product = Graph.Add("MatMul", [x.Name, transposed ? Graph.Weight(weight, inputs, outputs) : Transposed(weight, inputs, outputs)]);
        return x with { Name = bias is null ? product : Graph.Add("Add", [product, Graph.Weight(bias, outputs)]), Shape = [.. x.Shape[..^1], outputs] };
    }

    public OnnxValue MatMul(OnnxValue a, OnnxValue b)
    {
        var leading = a.Shape.Length >= b.Shape.Length ? a.Shape[..^2] : b.Shape[..^2];
        return new(Graph.Add("MatMul", [a.Name, b.Name]), [.. leading, a.Shape[^2], b.Last]);
    }

    /// <summary>Add or Mul, broadcast.</summary>
    public OnnxValue Elementwise(string operation, OnnxValue a, OnnxValue b)
    {
        (a, b) = Alike(a, b);
        var shape = new OnnxDimension[Math.Max(a.Shape.Length, b.Shape.Length)];
        for (var i = 1; i <= shape.Length; i++)
            shape[^i] = i > b.Shape.Length || (i <= a.Shape.Length && b.Shape[^i].Size == 1) ? a.Shape[^i] : b.Shape[^i];
        return new(Graph.Add(operation, [a.Name, b.Name]), shape) { IsFlat = a.IsFlat || b.IsFlat };
    }

    public OnnxValue Scale(OnnxValue x, double factor, double shift)
    {
        if (factor != 1)
            x = x with { Name = Graph.Add("Mul", [x.Name, Graph.Scalar((float)factor)]) };
        return shift == 0 ? x : x with { Name = Graph.Add("Add", [x.Name, Graph.Scalar((float)shift)]) };
    }

    public OnnxValue Power(OnnxValue x, double exponent) => x with { Name = Graph.Add("Pow", [x.Name, Graph.Scalar((float)exponent)]) };

    public OnnxValue Clip(OnnxValue x, double minimum, double maximum)
    {
        if (!double.IsNegativeInfinity(minimum))
            x = x with { Name = Graph.Add("Max", [x.Name, Graph.Scalar((float)minimum)]) };
        return double.IsPositiveInfinity(maximum) ? x : x with { Name = Graph.Add("Min", [x.Name, Graph.Scalar((float)maximum)]) };
    }

    /// <summary>An operator of one input that changes no shape.</summary>
    public OnnxValue Unary(string operation, OnnxValue x) => x with { Name = Graph.Add(operation, [x.Name]) };

    /// <summary>Is there a form of the activation that is better than its composite?</summary>
    public bool HasActivation(Activation function) => function is Networks.Activation.Gelu or Networks.Activation.GeluTanh or Networks.Activation.Relu;

    public virtual OnnxValue Activation(OnnxValue x, Activation function) =>
        x with
        {
            Name = function switch
            {
                Networks.Activation.Gelu => Gelu(x.Name),
                Networks.Activation.GeluTanh => GeluTanh(x.Name),
                Networks.Activation.Relu => Graph.Add("Relu", [x.Name]),
                _ => throw new ArgumentOutOfRangeException(nameof(function), function, "No form of its own."),
            },
        };

    public OnnxValue Mean(OnnxValue x) =>
        x with
        {
            Name = Graph.Add("ReduceMean", [x.Name], new OnnxAttribute("axes", new long[] { -1 }), new OnnxAttribute("keepdims", 1L)),
            Shape = [.. x.Shape[..^1], 1],
        };

    public OnnxValue Softmax(OnnxValue x) => x with { Name = Graph.Add("Softmax", [x.Name], new OnnxAttribute("axis", -1L)) };

    public OnnxValue LayerNorm(OnnxValue x, string name, int width, double epsilon, bool hasBias)
    {
        string[] inputs = [x.Name, Graph.Weight(name + ".weight", width)];
        if (hasBias)
            inputs = [.. inputs, Graph.Weight(name + ".bias", width)];
        return x with { Name = Graph.Add("LayerNormalization", inputs, new("axis", -1L), new("epsilon", (float)epsilon)) };
    }

    public OnnxValue SplitLast(OnnxValue x, int outer, int inner) =>
        x with
        {
            Name = Reshaped(x, x.Shape.Length - 1, outer, inner),
            Shape = [.. x.Shape[..^1], outer, inner],
        };

    public OnnxValue MergeLast(OnnxValue x)
    {
        var width = x.Shape[^2].Size * x.Last.Size;
        return x with { Name = Reshaped(x, x.Shape.Length - 2, width), Shape = [.. x.Shape[..^2], width] };
    }

    public OnnxValue Transpose(OnnxValue x, int[] order) =>
        new(
            Graph.Add("Transpose", [x.Name], new OnnxAttribute("perm", Array.ConvertAll(order, axis => (long)axis))),
            Array.ConvertAll(order, axis => x.Shape[axis])
        );

    public OnnxValue Slice(OnnxValue x, int start, int count) =>
        x with
        {
            Name = Graph.Add("Slice", [x.Name, Graph.Integers(start), Graph.Integers(start + count), Graph.Integers(-1)]),
            Shape = [.. x.Shape[..^1], count],
        };

    public OnnxValue Concat(OnnxValue[] values)
    {
        if (values.Any(value => value.IsFlat) && !values.All(value => value.IsFlat))
            values = Array.ConvertAll(values, Unflatten);
        return values[0] with
        {
            Name = Graph.Add("Concat", [.. values.Select(value => value.Name)], new OnnxAttribute("axis", -1L)),
            Shape = [.. values[0].Shape[..^1], values.Sum(value => value.Last.Size)],
        };
    }

    /// <summary>Attention up to, and without, the output projection.</summary>
    /// <param name="query">Queries, of all tokens or one of each row.</param>
    /// <param name="key">Keys of all tokens.</param>
    /// <param name="value">Values of all tokens.</param>
    /// <param name="mask">[batch, length].</param>
    /// <param name="options">Heads and rules.</param>
    /// <param name="rows">The queries' rows.</param>
    /// <param name="isObserved">Do the probabilities become an output?</param>
    public virtual OnnxValue Attention<T>(
        OnnxValue query,
        OnnxValue key,
        OnnxValue value,
        OnnxValue mask,
        AttentionOptions<T> options,
        RowSet rows,
        bool isObserved
    )
    {
        var headWidth = options.Width / options.Heads;
        var scores = Scores(query, key, options.Heads, headWidth, options.Scale ?? 1 / Math.Sqrt(headWidth), rows);
        var probabilities = Softmax(MaskScores(scores, mask, options.Mask, rows));
        if (isObserved)
            Graph.AddOutput(options.Observed, probabilities);
        var attended = Graph.Add("MatMul", [probabilities.Name, ByHead(value, options.Heads, headWidth, 0, 2, 1, 3)]);
        if (rows != RowSet.Tokens)
            return new(Graph.Add("Reshape", [attended, Graph.Integers(-1, options.Width)]), query.Shape[0], options.Width);
        return JoinHeads(Graph.Add("Transpose", [attended], new OnnxAttribute("perm", new long[] { 0, 2, 1, 3 })), query, options.Width);
    }

    /// <summary>The scaled scores, [batch, heads, queries, length].</summary>
    protected virtual OnnxValue Scores(OnnxValue query, OnnxValue key, int heads, int headWidth, double scale, RowSet rows)
    {
        var scores = Graph.Add("MatMul", [Queries(query, heads, headWidth, rows), ByHead(key, heads, headWidth, 0, 2, 3, 1)]);
        return new(Graph.Add("Div", [scores, Graph.Scalar((float)(1 / scale))]), key.Shape[0], heads, QueryDimension(key, rows), key.Shape[1]);
    }

    /// <summary>Queries by head, [batch, heads, queries, headWidth]; one query of each row needs no transposing.</summary>
    protected string Queries(OnnxValue query, int heads, int headWidth, RowSet rows) =>
        rows == RowSet.Tokens ? ByHead(query, heads, headWidth, 0, 2, 1, 3) : Graph.Add("Reshape", [query.Name, Graph.Integers(-1, heads, 1, headWidth)]);

    /// <summary>Number of queries of a row.</summary>
    protected static OnnxDimension QueryDimension(OnnxValue key, RowSet rows) => rows == RowSet.Tokens ? key.Shape[1] : 1;

    /// <summary>[batch, length, width] as [batch, length, heads, headWidth] in another order.</summary>
    protected virtual string ByHead(OnnxValue x, int heads, int headWidth, params long[] order) =>
        Graph.Add("Transpose", [Graph.Add("Reshape", [x.Name, Graph.Integers(0, 0, heads, headWidth)])], new OnnxAttribute("perm", order));

    /// <summary>[batch, length, heads, headWidth] as tokens.</summary>
    protected virtual OnnxValue JoinHeads(string attended, OnnxValue query, int width) =>
        query with
        {
            Name = Graph.Add("Reshape", [attended, Graph.Integers(0, 0, width)]),
            Shape = [.. query.Shape[..^1], width],
        };

    /// <summary>A value in the shape it is said to have, for an emitter that keeps tokens without their rows.</summary>
    public virtual OnnxValue Unflatten(OnnxValue x) => x;

    /// <summary>The shape [dimensions that stay..., sizes...] of a reshaped value.</summary>
    protected virtual string Reshaped(OnnxValue x, int kept, params long[] sizes) =>
        Graph.Add("Reshape", [x.Name, Graph.Integers([.. new long[kept], .. sizes])]);

    // Both with their rows or both without; vectors go with either.
    private (OnnxValue A, OnnxValue B) Alike(OnnxValue a, OnnxValue b) =>
        a.IsFlat != b.IsFlat && a.Shape.Length > 1 && b.Shape.Length > 1 ? (Unflatten(a), Unflatten(b)) : (a, b);

    private static OnnxDimension[] Dimensions(int[] shape) => Array.ConvertAll(shape, size => (OnnxDimension)size);

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
