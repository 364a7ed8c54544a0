using BertMl.Scoring;

namespace BertMl.Attention;

/// <summary>
/// How much each token of one text, or pair of texts, attends to each other one, in every layer and head: Hugging Face's <c>attentions</c> without the batch
/// and without padding.
/// </summary>
public sealed class Attentions
{
    private readonly float[] _values;

    /// <summary>Wraps values that a model computed; they are not copied.</summary>
    /// <param name="tokens">The tokens, special ones included.</param>
    /// <param name="layers">Number of layers.</param>
    /// <param name="heads">Number of heads in a layer.</param>
    /// <param name="values">
    /// [layers, heads, tokens, tokens], row-major: the weight, 0 to 1, with which the token of the third index attends to the token of the fourth.
    /// </param>
    /// <param name="sentenceBStart">Where a pair's second text starts (the first token after its separator), as BertViz calls it; null where there is one
    /// text.</param>
    /// <exception cref="ArgumentException">The number of values is another one, or a value is not a weight.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no layer, head or token, or the second text starts outside the tokens.</exception>
    public Attentions(IReadOnlyList<string> tokens, int layers, int heads, float[] values, int? sentenceBStart = null)
        : this(tokens, [.. Enumerable.Range(0, Positive(layers, nameof(layers)))], heads, values, sentenceBStart, tokens?.Count ?? 0) => CheckWeights();

    /// <summary>What a model computed of one text, or pair.</summary>
    /// <param name="text">The attentions: <see cref="BertAttentionsTransformer.Compute"/> gives them.</param>
    /// <exception cref="ArgumentException">A value is not a weight.</exception>
    public static Attentions Of(TextAttentions text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var attentions = new Attentions(text.Tokens, text.Layers, text.Heads.Count, text.Values, text.SentenceBStart, text.LengthOfText);
        attentions.CheckWeights();
        return attentions;
    }

    private void CheckWeights()
    {
        var wrong = Array.FindIndex(_values, value => value is not (>= 0 and <= 1.0001f));
        if (wrong < 0)
            return;
        var (matrix, place) = Math.DivRem(wrong, Length * Length);
        throw new ArgumentException(
            $"The weight of layer {LayerIndices[matrix / Heads]}, head {matrix % Heads}, from token {place / Length} to token {place % Length} is "
                + $"{_values[wrong]}: expected 0 to 1.",
            "values"
        );
    }

    private Attentions(IReadOnlyList<string> tokens, IReadOnlyList<int> layerIndices, int heads, float[] values, int? sentenceBStart, int lengthOfText)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(values);
        Positive(heads, nameof(heads));
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Count, nameof(tokens));
        if (sentenceBStart is { } start)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(start, nameof(sentenceBStart));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(start, tokens.Count, nameof(sentenceBStart));
        }
        var expected = (long)layerIndices.Count * heads * tokens.Count * tokens.Count;
        if (values.Length != expected)
            throw new ArgumentException(
                $"Attentions of {layerIndices.Count} layers, {heads} heads and {tokens.Count} tokens have {expected} values; these have {values.Length}.",
                nameof(values)
            );
        (Tokens, LayerIndices, Heads, _values, SentenceBStart, LengthOfText) = (tokens, layerIndices, heads, values, sentenceBStart, lengthOfText);
    }

    /// <summary>The tokens.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>Number of tokens.</summary>
    public int Length => Tokens.Count;

    /// <summary>Number of tokens before <see cref="Truncate"/>.</summary>
    public int LengthOfText { get; }

    /// <summary>Number of layers.</summary>
    public int Layers => LayerIndices.Count;

    /// <summary>The layers' numbers in the model, from 0: not all of them after <see cref="SelectLayers"/>.</summary>
    public IReadOnlyList<int> LayerIndices { get; }

    /// <summary>Number of heads in a layer.</summary>
    public int Heads { get; }

    /// <summary>Where a pair's second text starts; null where there is one text.</summary>
    public int? SentenceBStart { get; }

    /// <summary>One head's weights, [tokens, tokens]: row i is what token i attends to.</summary>
    /// <param name="layer">Index of the layer, from 0 to <see cref="Layers"/> - 1.</param>
    /// <param name="head">Index of the head, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such layer or head.</exception>
    public ReadOnlySpan<float> this[int layer, int head]
    {
        get
        {
            CheckLayer(layer);
            CheckHead(head);
            var size = Length * Length;
            return _values.AsSpan((layer * Heads + head) * size, size);
        }
    }

    /// <summary>The mean over a layer's heads, [tokens, tokens].</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such layer.</exception>
    public float[] MeanOverHeads(int layer)
    {
        CheckLayer(layer);
        var mean = new float[Length * Length];
        for (var head = 0; head < Heads; head++)
        {
            var weights = this[layer, head];
            for (var i = 0; i < mean.Length; i++)
                mean[i] += weights[i] / Heads;
        }
        return mean;
    }

    /// <summary>Some of the layers, to make a page smaller.</summary>
    /// <param name="layers">Indices of the layers, in the order wanted.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such layer.</exception>
    public Attentions SelectLayers(params IReadOnlyList<int> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count, nameof(layers));
        foreach (var layer in layers)
            CheckLayer(layer);
        var size = Heads * Length * Length;
        var values = new float[layers.Count * size];
        for (var i = 0; i < layers.Count; i++)
            _values.AsSpan(layers[i] * size, size).CopyTo(values.AsSpan(i * size));
        return new(Tokens, [.. layers.Select(layer => LayerIndices[layer])], Heads, values, SentenceBStart, LengthOfText);
    }

    /// <summary>
    /// The first tokens, with what they attend to among themselves; the rest of their weight is not shown. A pair that is cut before its second text is one
    /// text.
    /// </summary>
    /// <param name="maximumTokens">The largest number of tokens.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public Attentions Truncate(int maximumTokens)
    {
        var length = Math.Min(Length, Positive(maximumTokens, nameof(maximumTokens)));
        if (length == Length)
            return this;
        var values = new float[Layers * Heads * length * length];
        for (var row = 0; row < Layers * Heads * length; row++)
        {
            var source = (row / length * Length + row % length) * Length;
            _values.AsSpan(source, length).CopyTo(values.AsSpan(row * length));
        }
        return new([.. Tokens.Take(length)], LayerIndices, Heads, values, SentenceBStart < length ? SentenceBStart : null, LengthOfText);
    }

    /// <summary>All weights, [layers, heads, tokens, tokens].</summary>
    internal ReadOnlySpan<float> Values => _values;

    private void CheckLayer(int layer)
    {
        if ((uint)layer >= (uint)Layers)
            throw new ArgumentOutOfRangeException(nameof(layer), layer, $"The model has {Layers} layers, 0 to {Layers - 1}: there is no layer {layer}.");
    }

    private void CheckHead(int head)
    {
        if ((uint)head >= (uint)Heads)
            throw new ArgumentOutOfRangeException(nameof(head), head, $"The model has {Heads} heads in a layer, 0 to {Heads - 1}: there is no head {head}.");
    }

    private static int Positive(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, name);
        return value;
    }
}
