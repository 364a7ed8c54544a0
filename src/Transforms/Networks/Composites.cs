namespace BertMl.Networks;

/// <summary>The code of the composite operations: what every interpreter does that does not override them.</summary>
internal static class Composites
{
    /// <summary>See <see cref="INetwork{T}.Activation(T, Networks.Activation)"/>.</summary>
    public static T Activation<T>(INetwork<T> net, T x, Activation function)
    {
        T Gelu() => net.Scale(net.Multiply(x, net.Scale(net.Map(net.Scale(x, Math.Sqrt(0.5)), ElementaryFunction.Erf), 1, 1)), 0.5);
        T Positive() => net.Clip(x, 0, double.PositiveInfinity);
        switch (function)
        {
            case Networks.Activation.Gelu:
                return Gelu();
            case Networks.Activation.GeluTanh:
                var inner = net.Scale(net.Add(x, net.Scale(net.Power(x, 3), 0.044715)), Math.Sqrt(2 / Math.PI));
                return net.Scale(net.Multiply(x, net.Scale(net.Map(inner, ElementaryFunction.Tanh), 1, 1)), 0.5);
            case Networks.Activation.Gelu10:
                return net.Clip(Gelu(), -10, 10);
            case Networks.Activation.QuickGelu:
                return net.Multiply(x, net.Map(net.Scale(x, 1.702), ElementaryFunction.Sigmoid));
            case Networks.Activation.Relu:
                return Positive();
            case Networks.Activation.ReluSquared:
                var positive = Positive();
                return net.Multiply(positive, positive);
            case Networks.Activation.Relu6:
                return net.Clip(x, 0, 6);
            case Networks.Activation.LeakyRelu:
                return net.Add(Positive(), net.Scale(net.Clip(x, double.NegativeInfinity, 0), 0.01));
            case Networks.Activation.HardSwish:
                return net.Multiply(x, net.Scale(net.Clip(net.Scale(x, 1, 3), 0, 6), 1 / 6.0));
            case Networks.Activation.Tanh:
                return net.Map(x, ElementaryFunction.Tanh);
            case Networks.Activation.Sigmoid:
                return net.Map(x, ElementaryFunction.Sigmoid);
            case Networks.Activation.Silu:
                return net.Multiply(x, net.Map(x, ElementaryFunction.Sigmoid));
            case Networks.Activation.Mish:
                return net.Multiply(x, net.Map(Softplus(net, x), ElementaryFunction.Tanh));
            case Networks.Activation.Laplace:
                var deviation = 0.282095 * Math.Sqrt(2);
                return net.Scale(net.Map(net.Scale(x, 1 / deviation, -0.707107 / deviation), ElementaryFunction.Erf), 0.5, 0.5);
            case Networks.Activation.Linear:
                return x;
            case Networks.Activation.SqrtSoftplus:
                // Below -80 the root is 0 in float32, and its gradient would not be a number.
                return net.Power(Softplus(net, net.Clip(x, -80, double.PositiveInfinity)), 0.5);
            default:
                throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation, or one with parameters, which need a name.");
        }
    }

    /// <summary>Activations with parameters; they start as in transformers.</summary>
    public static T LearnedActivation<T>(INetwork<T> net, T x, Activation function, string name)
    {
        T Product(T a, T b) => net.Multiply(a, b);
        var (positive, negative) = (net.Clip(x, 0, double.PositiveInfinity), net.Clip(x, double.NegativeInfinity, 0));
        if (function == Networks.Activation.Prelu)
            return net.Add(positive, Product(negative, net.Parameter(name + ".weight", 0.25, isTrained: true, 1)));
        var beta = net.Parameter(name + ".beta", 0.5, isTrained: false);
        // transformers keeps a number for the least negative x, which makes no difference; the checkpoint has it.
        _ = net.Parameter(name + ".eps", -1e-6, isTrained: false);
        // α is the softplus of its parameter, 0.8 at the start, and for negative numbers β more.
        var alphaPositive = Softplus(net, net.Parameter(name + ".alpha_p", Math.Log(Math.Exp(0.8) - 1), isTrained: true, 1));
        var alphaNegative = net.Add(Softplus(net, net.Parameter(name + ".alpha_n", Math.Log(Math.Exp(0.3) - 1), isTrained: true, 1)), beta);
        var curved = net.Add(net.Scale(net.Map(negative, ElementaryFunction.Exp), 1, -1), net.Scale(negative, -1));
        return net.Add(net.Add(Product(Product(positive, positive), alphaPositive), Product(curved, alphaNegative)), Product(x, beta));
    }

    // log(1 + exp(x)) as max(x, 0) + log(1 + u), u = exp(-|x|): nothing overflows. log(1 + u) = 2 artanh(z), z = u / (2 + u) ≤ 1/3, by its series, which
    // loses no digits where u is small.
    private static T Softplus<T>(INetwork<T> net, T x)
    {
        var positive = net.Clip(x, 0, double.PositiveInfinity);
        var u = net.Map(net.Add(net.Clip(x, double.NegativeInfinity, 0), net.Scale(positive, -1)), ElementaryFunction.Exp);
        var z = net.Multiply(u, net.Power(net.Scale(u, 1, 2), -1));
        var square = net.Multiply(z, z);
        var series = net.Scale(square, 1.0 / 15, 1.0 / 13);
        for (var n = 11; n >= 1; n -= 2)
            series = net.Scale(net.Multiply(series, square), 1, 1.0 / n);
        return net.Add(positive, net.Scale(net.Multiply(z, series), 2));
    }

    /// <summary>See <see cref="INetwork{T}.RmsNorm"/>.</summary>
    public static T RmsNorm<T>(INetwork<T> net, T x, string name, int width, double epsilon)
    {
        var inverse = net.Power(net.Scale(net.Mean(net.Multiply(x, x)), 1, epsilon), -0.5);
        return net.Multiply(net.Multiply(x, inverse), net.Parameter(name + ".weight", Initialization.Ones, width));
    }

    /// <summary>See <see cref="INetwork{T}.GatedFeedForward"/>.</summary>
    public static T GatedFeedForward<T>(INetwork<T> net, T x, GatedFeedForward layer)
    {
        string? Bias(string name) => layer.HasBias ? name + ".bias" : null;
        var both = net.Linear(x, layer.Input + ".weight", Bias(layer.Input), layer.Width, 2 * layer.Inner);
        var gated = net.Multiply(
            net.Activation(net.Slice(both, 0, layer.Inner), layer.Activation, layer.ActivationName),
            net.Slice(both, layer.Inner, layer.Inner)
        );
        return net.Linear(net.Dropout(gated, layer.Dropout), layer.Output + ".weight", Bias(layer.Output), layer.Inner, layer.Width);
    }

    /// <summary>See <see cref="INetwork{T}.Rotary"/>.</summary>
    public static T Rotary<T>(INetwork<T> net, T x, T positions, int heads, int headWidth, double theta, int longest)
    {
        var half = headWidth / 2;
        T Angles(string name, Func<double, double> function) =>
            net.SplitLast(
                net.Gather(
                    net.Constant($"{name}_{theta:R}_{headWidth}", () => RotaryTable(longest, headWidth, theta, function), longest, headWidth),
                    positions
                ),
                1,
                headWidth
            );
        var byHead = net.SplitLast(x, heads, headWidth);
        var rotated = net.Concat(net.Scale(net.Slice(byHead, half, half), -1), net.Slice(byHead, 0, half));
        var sum = net.Add(net.Multiply(byHead, Angles("rotary_cos", Math.Cos)), net.Multiply(rotated, Angles("rotary_sin", Math.Sin)));
        return net.MergeLast(sum);
    }

    /// <summary>cos or sin of position · theta^(-2i / headWidth), [longest, headWidth], each half the same. Angles are float32, as in Hugging Face.</summary>
    internal static float[] RotaryTable(int longest, int headWidth, double theta, Func<double, double> function)
    {
        var half = headWidth / 2;
        var table = new float[longest * headWidth];
        for (var i = 0; i < half; i++)
        {
            var frequency = 1f / MathF.Pow((float)theta, 2f * i / headWidth);
            for (var position = 0; position < longest; position++)
                table[position * headWidth + i] = table[position * headWidth + half + i] = (float)function(position * frequency);
        }
        return table;
    }

    /// <summary>See <see cref="INetwork{T}.Attention"/>.</summary>
    public static T Attention<T>(INetwork<T> net, T query, T key, T value, T mask, AttentionOptions<T> options)
    {
        var headWidth = options.Width / options.Heads;
        T Heads(T x) => net.Transpose(net.SplitLast(net.Pad(x), options.Heads, headWidth), 0, 2, 1, 3);
        var (queries, keys) = (Heads(query), Heads(key));
        var scores = net.Scale(net.MatMul(queries, net.Transpose(keys, 0, 1, 3, 2)), options.Scale ?? 1 / Math.Sqrt(headWidth));
        if (options.Bias is { } bias)
            scores = net.Add(scores, bias(queries, keys));
        var probabilities = net.Softmax(net.MaskScores(scores, mask, options.Mask));
        net.Observe(options.Observed, probabilities);
        var attended = net.MatMul(net.Dropout(probabilities, options.Dropout), Heads(value));
        return net.Unpad(net.MergeLast(net.Transpose(attended, 0, 2, 1, 3)));
    }
}
