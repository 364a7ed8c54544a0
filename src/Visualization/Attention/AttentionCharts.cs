using System.Globalization;
using BertMl.Charts;

namespace BertMl.Attention;

/// <summary>Attention as heat maps: a row is a token that attends, a column a token that is attended to.</summary>
public static class AttentionCharts
{
    /// <summary>One head.</summary>
    /// <param name="attentions">The attentions.</param>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="head">Index of the head.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such layer or head.</exception>
    public static HeatMapChart Head(Attentions attentions, int layer, int head)
    {
        ArgumentNullException.ThrowIfNull(attentions);
        var weights = attentions[layer, head].ToArray();
        return new(Invariant($"Attention of layer {attentions.LayerIndices[layer]}, head {head}"), [Map(attentions, "", weights)]);
    }

    /// <summary>The mean over a layer's heads.</summary>
    /// <param name="attentions">The attentions.</param>
    /// <param name="layer">Index of the layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such layer.</exception>
    public static HeatMapChart Mean(Attentions attentions, int layer)
    {
        ArgumentNullException.ThrowIfNull(attentions);
        var weights = attentions.MeanOverHeads(layer);
        return new(Invariant($"Attention of layer {attentions.LayerIndices[layer]}, mean of {attentions.Heads} heads"), [Map(attentions, "", weights)]);
    }

    /// <summary>All heads of a layer, side by side.</summary>
    /// <param name="attentions">The attentions.</param>
    /// <param name="layer">Index of the layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such layer.</exception>
    public static HeatMapChart Layer(Attentions attentions, int layer)
    {
        ArgumentNullException.ThrowIfNull(attentions);
        var maps = Enumerable.Range(0, attentions.Heads).Select(head => Map(attentions, Invariant($"head {head}"), attentions[layer, head].ToArray()));
        return new(Invariant($"Attention of layer {attentions.LayerIndices[layer]}"), [.. maps]);
    }

    /// <summary>The first, the middle and the last layer, side by side: what a model does early and late.</summary>
    /// <param name="attentions">The attentions.</param>
    /// <param name="head">Index of the head; the mean over the heads where it is null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such head.</exception>
    public static HeatMapChart FirstMiddleLast(Attentions attentions, int? head = null)
    {
        ArgumentNullException.ThrowIfNull(attentions);
        int[] layers = [0, attentions.Layers / 2, attentions.Layers - 1];
        var maps = layers
            .Distinct()
            .Select(layer =>
                Map(
                    attentions,
                    Invariant($"layer {attentions.LayerIndices[layer]}"),
                    head is { } index ? attentions[layer, index].ToArray() : attentions.MeanOverHeads(layer)
                )
            );
        var what = head is { } number ? Invariant($"head {number}") : Invariant($"mean of {attentions.Heads} heads");
        return new($"Attention of the first, the middle and the last layer, {what}", [.. maps], columns: 3);
    }

    private static HeatMap Map(Attentions attentions, string title, float[] weights) => new(title, attentions.Tokens, attentions.Tokens, weights);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
