namespace BertMl.Networks;

/// <content>What is made of the primitives. The code is in <see cref="Composites"/>, so that an interpreter that overrides one can still fall back on
/// it.</content>
public partial interface INetwork<T>
{
    /// <summary>Elementwise activation.</summary>
    T Activation(T x, Activation function) => Composites.Activation(this, x, function);

    /// <summary>Elementwise activation that may have parameters of its own (<c>prelu</c>, <c>xielu</c>).</summary>
    /// <param name="x">Any values.</param>
    /// <param name="function">The activation.</param>
    /// <param name="name">What the names of its parameters begin with, as the module is called in transformers.</param>
    T Activation(T x, Activation function, string name) =>
        function is Networks.Activation.Prelu or Networks.Activation.Xielu ? Composites.LearnedActivation(this, x, function, name) : Activation(x, function);

    /// <summary>"Add &amp; Norm" of the Transformer (Vaswani et al. 2017): LayerNorm(Dropout(x) + residual).</summary>
    T AddAndNorm(T x, T residual, string name, int width, double epsilon, double dropout) =>
        LayerNorm(Add(Dropout(x, dropout), residual), name, width, epsilon);

    /// <summary>Root-mean-square normalization (Zhang and Sennrich 2019): x / √(mean(x²) + epsilon) · weight.</summary>
    /// <param name="x">[..., width].</param>
    /// <param name="name">The parameter is <c>name.weight</c>.</param>
    /// <param name="width">Width of x.</param>
    /// <param name="epsilon">Added to the mean of the squares.</param>
    T RmsNorm(T x, string name, int width, double epsilon) => Composites.RmsNorm(this, x, name, width, epsilon);

    /// <summary>Gated feed-forward layer (Shazeer 2020): output(dropout(activation(a) · b)), where a and b are the halves of one linear layer.</summary>
    /// <param name="x">Tokens [batch, length, width].</param>
    /// <param name="layer">Names, widths, activation and dropout.</param>
    T GatedFeedForward(T x, GatedFeedForward layer) => Composites.GatedFeedForward(this, x, layer);

    /// <summary>Rotary position embedding (Su et al. 2021), halves rotated as in Hugging Face: tokens [batch, length, heads · headWidth].</summary>
    /// <param name="x">Queries or keys, heads side by side.</param>
    /// <param name="positions">Their positions, as <see cref="Positions"/> gives them.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="headWidth">Width of a head, even.</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="longest">The largest length.</param>
    T Rotary(T x, T positions, int heads, int headWidth, double theta, int longest) => Composites.Rotary(this, x, positions, heads, headWidth, theta, longest);

    /// <summary>
    /// Multi-head attention of given queries, keys and values, each tokens [batch, length, heads · headWidth]: softmax(QKᵀ · scale + bias, masked) V, heads
    /// side by side.
    /// </summary>
    T Attention(T query, T key, T value, T mask, AttentionOptions<T> options) => Composites.Attention(this, query, key, value, mask, options);

    /// <summary>Multi-head self-attention up to, and without, its output projection: three projections with biases, then <see cref="Attention"/>.</summary>
    /// <param name="x">Tokens [batch, length, width].</param>
    /// <param name="mask">[batch, length]: 1 for a token to be attended to, 0 for padding.</param>
    /// <param name="query">Name of the query projection, a linear layer with bias; <paramref name="key"/> and <paramref name="value"/> likewise.</param>
    /// <param name="key">Name of the key projection.</param>
    /// <param name="value">Name of the value projection.</param>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="options">Width, heads, dropout and what else decides.</param>
    T SelfAttention(T x, T mask, string query, string key, string value, int inputs, AttentionOptions<T> options)
    {
        T Project(string name) => Linear(x, name + ".weight", name + ".bias", inputs, options.Width);
        return Attention(Project(query), Project(key), Project(value), mask, options);
    }
}

/// <summary>A gated feed-forward layer.</summary>
/// <param name="Input">Name of the linear layer to twice the inner width.</param>
/// <param name="Output">Name of the linear layer back.</param>
/// <param name="Width">Width of a token.</param>
/// <param name="Inner">Inner width.</param>
/// <param name="Activation">Of the first half.</param>
/// <param name="Dropout">Of the product.</param>
/// <param name="HasBias">Do the linear layers have biases?</param>
public sealed record GatedFeedForward(string Input, string Output, int Width, int Inner, Activation Activation, double Dropout = 0, bool HasBias = false)
{
    /// <summary>What the names of the activation's parameters begin with, where it has any. Default: "act".</summary>
    public string ActivationName { get; init; } = "act";
}

/// <summary>What decides attention, beside queries, keys and values.</summary>
/// <typeparam name="T">What a value is to the interpreter.</typeparam>
/// <param name="Width">Width of all heads together, for queries and for keys.</param>
/// <param name="Heads">Number of heads.</param>
/// <param name="Dropout">Probability of dropping an attention probability while learning.</param>
/// <param name="Observed">Name under which the probabilities, [batch, heads, length, length], can be asked for.</param>
public readonly record struct AttentionOptions<T>(int Width, int Heads, double Dropout, string Observed)
{
    /// <summary>Which keys are hidden, beside padding. Default: none.</summary>
    public AttentionMask Mask { get; init; }

    /// <summary>Factor of the scores; null (the default): 1 / √headWidth.</summary>
    public double? Scale { get; init; }

    /// <summary>
    /// Makes what is added to the scaled scores, dense and of a shape that broadcasts to [batch, heads, length, length], of queries and keys, dense
    /// [batch, heads, length, headWidth]. null (the default): nothing is added.
    /// </summary>
    public Func<T, T, T>? Bias { get; init; }
}
