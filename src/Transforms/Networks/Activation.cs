namespace BertMl.Networks;

/// <summary>Elementwise activations, by Hugging Face's names (<c>hidden_act</c>, <c>ACT2FN</c>).</summary>
public enum Activation
{
    /// <summary>x Φ(x), by the error function (Hendrycks and Gimpel 2016): <c>gelu</c>, <c>gelu_python</c>.</summary>
    Gelu,

    /// <summary>The tanh approximation of GELU: <c>gelu_new</c>, <c>gelu_fast</c>, <c>gelu_pytorch_tanh</c>, <c>gelu_accurate</c>.</summary>
    GeluTanh,

    /// <summary>GELU by the error function, clipped to -10 and 10: <c>gelu_10</c>.</summary>
    Gelu10,

    /// <summary>x · sigmoid(1.702 x): <c>quick_gelu</c>.</summary>
    QuickGelu,

    /// <summary>max(x, 0): <c>relu</c>.</summary>
    Relu,

    /// <summary>max(x, 0)²: <c>relu2</c>.</summary>
    ReluSquared,

    /// <summary>min(max(x, 0), 6): <c>relu6</c>.</summary>
    Relu6,

    /// <summary>x for positive numbers, 0.01 x for negative ones: <c>leaky_relu</c>.</summary>
    LeakyRelu,

    /// <summary>x · min(max(x + 3, 0), 6) / 6: <c>hardswish</c>.</summary>
    HardSwish,

    /// <summary>Hyperbolic tangent: <c>tanh</c>.</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)): <c>sigmoid</c>.</summary>
    Sigmoid,

    /// <summary>x · sigmoid(x): <c>silu</c>, <c>swish</c>.</summary>
    Silu,

    /// <summary>x · tanh(log(1 + exp(x))) (Misra 2019): <c>mish</c>.</summary>
    Mish,

    /// <summary>(1 + erf((x - 0.707107) / (0.282095 √2))) / 2 (Ma et al. 2022): <c>laplace</c>.</summary>
    Laplace,

    /// <summary>x itself: <c>linear</c>.</summary>
    Linear,

    /// <summary>√log(1 + exp(x)): <c>sqrtsoftplus</c>.</summary>
    SqrtSoftplus,

    /// <summary>max(x, 0) + weight · min(x, 0), with one learned weight a layer (He et al. 2015): <c>prelu</c>.</summary>
    Prelu,

    /// <summary>
    /// β x + α₊ x² for positive numbers, β x + α₋ (exp(x) - 1 - x) for negative ones, with two learned numbers a layer (Huang and Schlag 2024): <c>xielu</c>.
    /// </summary>
    Xielu,
}

/// <summary>The elementary functions that activations are made of.</summary>
public enum ElementaryFunction
{
    /// <summary>The error function.</summary>
    Erf,

    /// <summary>e to the power of x.</summary>
    Exp,

    /// <summary>The natural logarithm.</summary>
    Log,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,
}
