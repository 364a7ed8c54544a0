namespace BertMl.Networks;

/// <summary>
/// The operations that networks are written in. A network is written once, as a function over an <see cref="INetwork{T}"/>, and
/// what it does depends on the interpreter that reads it: learn (tensors), be exported (ONNX graph values), be computed in double
/// precision (<see cref="ReferenceNetwork"/>), or be described (<see cref="ParameterList"/>). Parameters are named as in Hugging Face
/// checkpoints, so there is no renaming anywhere.
/// </summary>
/// <typeparam name="T">What a value is to the interpreter: a tensor, a graph value, nothing.</typeparam>
/// <remarks>
/// <para>
/// This file has the primitives, which every interpreter implements. INetwork.Composites.cs has what is made of them; an interpreter overrides
/// a composite where it has something faster.
/// </para>
/// <para>
/// Shapes use <c>batch</c>, <c>length</c> (tokens of a row, padding included) and <c>width</c> (features of a token). A value is either of
/// <em>tokens</em>, written [batch, length, ...], or <em>dense</em>, an ordinary tensor. An interpreter may keep tokens without their padding,
/// as [tokens, ...]; so operations on tokens see features only, and whatever mixes tokens is dense: <see cref="Pad"/> makes tokens dense,
/// <see cref="Unpad"/> makes them tokens again. Elementwise operations broadcast as numpy does.
/// </para>
/// </remarks>
public partial interface INetwork<T>
{
    /// <summary>A parameter as a dense value.</summary>
    /// <param name="name">Its name in the checkpoint.</param>
    /// <param name="initialization">How it starts.</param>
    /// <param name="shape">Its dimensions.</param>
    T Parameter(string name, Initialization initialization, params int[] shape);

    /// <summary>A parameter that starts from a number of its own, as a dense value.</summary>
    /// <param name="name">Its name in the checkpoint.</param>
    /// <param name="value">The number.</param>
    /// <param name="isTrained">Does training change it?</param>
    /// <param name="shape">Its dimensions; none: a single number.</param>
    T Parameter(string name, double value, bool isTrained, params int[] shape) => Parameter(name, Initialization.Constant, shape);

    /// <summary>Numbers that are no parameter, as a dense value.</summary>
    /// <param name="name">A name that no other constant of other numbers has.</param>
    /// <param name="values">Makes the numbers, row-major, where they are needed.</param>
    /// <param name="shape">Dimensions.</param>
    T Constant(string name, Func<float[]> values, params int[] shape);

    /// <summary>Positions of tokens: [batch, length] integers (a batch of 1 where all rows have the same).</summary>
    /// <param name="ids">Token ids, [batch, length].</param>
    /// <param name="paddingId">
    /// null: 0, 1, 2 ... Otherwise as RoBERTa counts: tokens that are not this one get paddingId + 1, paddingId + 2 ..., and this one gets paddingId.
    /// </param>
    T Positions(T ids, int? paddingId = null);

    /// <summary>A number for each pair of positions: dense [length, length] integers, where row i and column j hold index(i - j).</summary>
    /// <param name="ids">Token ids, [batch, length]: only their length counts.</param>
    /// <param name="name">A name that no other function has.</param>
    /// <param name="longest">The largest length.</param>
    /// <param name="index">The number for a distance from -(longest - 1) to longest - 1.</param>
    T RelativePositions(T ids, string name, int longest, Func<int, int> index);

    /// <summary>Rows of a table parameter: [batch, length] ids to [batch, length, width].</summary>
    /// <param name="ids">Integers, each at least 0 and less than <paramref name="rows"/>.</param>
    /// <param name="weight">Name of the [rows, width] table.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="width">Width of the table.</param>
    /// <param name="paddingRow">The row that is initialized to zero and gets no gradient, or null.</param>
    T Embedding(T ids, string weight, int rows, int width, int? paddingRow = null);

    /// <summary>
    /// Rows of a dense table, [rows, width]. Of tokens' integers [batch, length]: tokens [batch, length, width]; of dense integers: dense [..., width].
    /// </summary>
    T Gather(T table, T indices);

    /// <summary>
    /// Of dense x [..., length, n] and integers [length, m]: [..., length, m], where row i holds the elements of x's row i that its integers name.
    /// </summary>
    T GatherElements(T x, T indices);

    /// <summary>x · weightᵀ + bias, with a weight of [outputs, inputs] as PyTorch keeps it.</summary>
    /// <param name="x">[..., inputs].</param>
    /// <param name="weight">Name of the weight; one name may be used twice (tied weights).</param>
    /// <param name="bias">Name of the [outputs] bias, or null for none.</param>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="outputs">Width of the output.</param>
    /// <param name="transposed">The weight is kept as [inputs, outputs]: GPT-2's Conv1D.</param>
    T Linear(T x, string weight, string? bias, int inputs, int outputs, bool transposed = false);

    /// <summary>Matrix product of dense values: [..., n, k] and [..., k, m] to [..., n, m].</summary>
    T MatMul(T a, T b);

    /// <summary>Elementwise sum.</summary>
    T Add(T a, T b);

    /// <summary>Elementwise product.</summary>
    T Multiply(T a, T b);

    /// <summary>x · factor + shift.</summary>
    T Scale(T x, double factor, double shift = 0);

    /// <summary>Each element raised to a power.</summary>
    T Power(T x, double exponent);

    /// <summary>Each element limited to a range; infinity: no limit.</summary>
    T Clip(T x, double minimum, double maximum);

    /// <summary>An elementary function of each element.</summary>
    T Map(T x, ElementaryFunction function);

    /// <summary>The mean over the last dimension, which becomes 1.</summary>
    T Mean(T x);

    /// <summary>Softmax over the last dimension.</summary>
    T Softmax(T x);

    /// <summary>
    /// Layer normalization over the last dimension (Ba et al. 2016), with parameters <c>name.weight</c> and, unless there is none, <c>name.bias</c>.
    /// </summary>
    T LayerNorm(T x, string name, int width, double epsilon, bool hasBias = true);

    /// <summary>While learning, zeroes each element with the given probability and scales the others by 1 / (1 - probability); else the identity.</summary>
    T Dropout(T x, double probability);

    /// <summary>Tokens to dense [batch, length, ...].</summary>
    T Pad(T x);

    /// <summary>Dense [batch, length, ...] to tokens.</summary>
    T Unpad(T x);

    /// <summary>The last dimension as two: [..., outer · inner] to [..., outer, inner].</summary>
    T SplitLast(T x, int outer, int inner);

    /// <summary>The last two dimensions as one: [..., outer, inner] to [..., outer · inner].</summary>
    T MergeLast(T x);

    /// <summary>Another order of the dimensions of a dense value.</summary>
    T Transpose(T x, params int[] order);

    /// <summary>Some of the last dimension's elements.</summary>
    T Slice(T x, int start, int count);

    /// <summary>Values side by side in the last dimension.</summary>
    T Concat(params T[] values);

    /// <summary>
    /// Hides keys from queries: dense scores [batch, heads, length, length] with the least number of their type, or minus infinity, where a key is padding or,
    /// as the rules say, is not to be seen.
    /// </summary>
    /// <param name="scores">Scores of each query (row) and key (column).</param>
    /// <param name="mask">[batch, length]: 1 for a token, 0 for padding.</param>
    /// <param name="rules">What else is hidden.</param>
    T MaskScores(T scores, T mask, AttentionMask rules);

    /// <summary>Zeroes what stands at padding: tokens [batch, length, width].</summary>
    T MaskTokens(T x, T mask);

    /// <summary>The mean over a row's tokens, padding left out: [batch, length, width] to [batch, width].</summary>
    T MeanTokens(T x, T mask);

    /// <summary>The first token of each row: [batch, length, width] to [batch, width].</summary>
    T FirstTokens(T x);

    /// <summary>The last token of each row that is not padding: [batch, length, width] to [batch, width].</summary>
    T LastTokens(T x, T mask);

    /// <summary>
    /// The tokens that are to be predicted. The identity, but for a learner or a session that was told which tokens count:
    /// there [batch, length, width] becomes [chosen tokens, width].
    /// </summary>
    T PredictedTokens(T x);

    /// <summary>One feature of each token, without its dimension: [..., width] to [...].</summary>
    T Feature(T x, int index);

    /// <summary>[batch, choices, length] ids to [batch · choices, length] (multiple choice).</summary>
    T MergeChoices(T ids);

    /// <summary>[batch · choices, 1] logits to [batch, choices], as many choices as <paramref name="ids"/>, [batch, choices, length], has.</summary>
    T SplitChoices(T logits, T ids);

    /// <summary>Names a value within the network ("hidden_states.0") so that an interpreter that was asked for it can keep it.</summary>
    void Observe(string name, T value);
}

/// <summary>Which keys a query does not see, beside padding.</summary>
/// <param name="Causal">Keys after the query (GPT-2).</param>
/// <param name="Window">Keys that are further away than this many positions; null: none (ModernBERT's local attention).</param>
/// <param name="Queries">Padding as a query sees nothing at all, and attends to all alike (DeBERTa).</param>
public readonly record struct AttentionMask(bool Causal = false, int? Window = null, bool Queries = false);
