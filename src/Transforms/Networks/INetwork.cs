namespace BertMl.Networks;

/// <summary>
/// The operations that networks are written in. A network is written once, as a function over an <see cref="INetwork{T}"/>, and
/// what it does depends on the interpreter that reads it: learn (tensors), be exported (ONNX graph values), or be described
/// (<see cref="ParameterList"/>). Parameters are named as in Hugging Face checkpoints, so there is no renaming anywhere.
/// </summary>
/// <typeparam name="T">What a value is to the interpreter: a tensor, a graph value, a shape.</typeparam>
/// <remarks>
/// Shapes below use <c>batch</c>, <c>length</c> (tokens in a row, padding included) and <c>width</c> (features of a token).
/// A linear layer accepts any leading dimensions.
/// </remarks>
public interface INetwork<T>
{
    /// <summary>Rows of a table: [batch, length] token or type ids to [batch, length, width].</summary>
    /// <param name="ids">Integers, each at least 0 and less than <paramref name="rows"/>.</param>
    /// <param name="weight">Name of the [rows, width] table.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="width">Width of the table.</param>
    /// <param name="paddingRow">The row that is initialized to zero and gets no gradient, or null.</param>
    T Embedding(T ids, string weight, int rows, int width, int? paddingRow = null);

    /// <summary>Learned absolute positions: the first <c>length</c> rows of a table, [1, length, width], to be added to embeddings.</summary>
    /// <param name="ids">Only its length counts: [batch, length].</param>
    /// <param name="weight">Name of the [rows, width] table.</param>
    /// <param name="rows">The longest row of tokens that the network takes.</param>
    /// <param name="width">Width of the table.</param>
    T PositionEmbedding(T ids, string weight, int rows, int width);

    /// <summary>x · weightᵀ + bias, with a weight of [outputs, inputs] as PyTorch keeps it.</summary>
    /// <param name="x">[..., inputs].</param>
    /// <param name="weight">Name of the weight; one name may be used twice (tied weights).</param>
    /// <param name="bias">Name of the [outputs] bias, or null for none.</param>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="outputs">Width of the output.</param>
    T Linear(T x, string weight, string? bias, int inputs, int outputs);

    /// <summary>Elementwise activation.</summary>
    T Activation(T x, Activation function);

    /// <summary>Elementwise sum; a leading dimension of 1 is broadcast.</summary>
    T Add(T a, T b);

    /// <summary>Layer normalization over the last dimension (Ba et al. 2016), with parameters <c>name.weight</c> and <c>name.bias</c>.</summary>
    T LayerNorm(T x, string name, int width, double epsilon);

    /// <summary>"Add &amp; Norm" of the Transformer (Vaswani et al. 2017): LayerNorm(Dropout(x) + residual).</summary>
    T AddAndNorm(T x, T residual, string name, int width, double epsilon, double dropout);

    /// <summary>While learning, zeroes each element with the given probability and scales the others by 1 / (1 - probability); else the identity.</summary>
    T Dropout(T x, double probability);

    /// <summary>
    /// Multi-head self-attention up to, and without, its output projection: the three projections named
    /// <c>query</c>, <c>key</c>, <c>value</c> (each with <c>.weight</c> and <c>.bias</c>), softmax(QKᵀ/√headWidth + mask) V, heads side by side.
    /// </summary>
    /// <param name="x">[batch, length, width].</param>
    /// <param name="mask">[batch, length]: 1 for a token to be attended to, 0 for padding.</param>
    /// <param name="query">Name of the query projection; <paramref name="key"/> and <paramref name="value"/> likewise.</param>
    /// <param name="key">Name of the key projection.</param>
    /// <param name="value">Name of the value projection.</param>
    /// <param name="width">Width of the input and the output.</param>
    /// <param name="heads">Number of heads, a divisor of the width.</param>
    /// <param name="dropout">Probability of dropping an attention probability while learning.</param>
    /// <param name="observed">Name under which the probabilities, [batch, heads, length, length], can be asked for.</param>
    T SelfAttention(T x, T mask, string query, string key, string value, int width, int heads, double dropout, string observed);

    /// <summary>One token of each row: [batch, length, width] to [batch, width].</summary>
    T Token(T x, int position);

    /// <summary>One feature of each token, without its dimension: [..., width] to [...].</summary>
    T Feature(T x, int index);

    /// <summary>
    /// The tokens that are to be predicted. The identity, but for a learner that was told which tokens count in the loss:
    /// there [batch, length, width] becomes [chosen tokens, width].
    /// </summary>
    T PredictedTokens(T x);

    /// <summary>[batch, choices, length] ids to [batch · choices, length] (multiple choice).</summary>
    T MergeChoices(T ids);

    /// <summary>[batch · choices, 1] logits to [batch, choices], as many choices as <paramref name="ids"/>, [batch, choices, length], has.</summary>
    T SplitChoices(T logits, T ids);

    /// <summary>Names a value within the network ("hidden_states.0") so that an interpreter that was asked for it can keep it.</summary>
    void Observe(string name, T value);
}

/// <summary>Elementwise activations, by Hugging Face's names (<c>hidden_act</c>).</summary>
public enum Activation
{
    /// <summary>x Φ(x), by the error function (Hendrycks and Gimpel 2016): <c>gelu</c>.</summary>
    Gelu,

    /// <summary>The tanh approximation of GELU: <c>gelu_new</c>, <c>gelu_pytorch_tanh</c>.</summary>
    GeluTanh,

    /// <summary>max(x, 0): <c>relu</c>.</summary>
    Relu,

    /// <summary>Hyperbolic tangent: <c>tanh</c>.</summary>
    Tanh,

    /// <summary>x · sigmoid(x): <c>silu</c>, <c>swish</c>.</summary>
    Silu,
}
