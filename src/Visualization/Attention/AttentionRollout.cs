namespace BertMl.Attention;

/// <summary>Attention followed through the layers down to the input (Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers").</summary>
public static class AttentionRollout
{
    /// <summary>
    /// The rollout up to each layer. A layer is the mean of its heads, mixed in equal parts with the identity, for the residual connection; the rollout is the
    /// product of the layers up to it.
    /// </summary>
    /// <param name="attentions">All layers of the model, in order.</param>
    /// <returns>[layers][tokens, tokens]: how much of input token j (column) is in token i (row) after the layer. Rows sum to 1 where those of the attentions
    /// do.</returns>
    public static IReadOnlyList<float[]> Compute(Attentions attentions)
    {
        ArgumentNullException.ThrowIfNull(attentions);
        var length = attentions.Length;
        var rollouts = new List<float[]>();
        for (var layer = 0; layer < attentions.Layers; layer++)
        {
            var mixed = attentions.MeanOverHeads(layer);
            for (var i = 0; i < mixed.Length; i++)
                mixed[i] = (mixed[i] + (i % (length + 1) == 0 ? 1 : 0)) / 2;
            rollouts.Add(layer == 0 ? mixed : Multiply(mixed, rollouts[^1], length));
        }
        return rollouts;
    }

    private static float[] Multiply(float[] left, float[] right, int length)
    {
        var product = new float[length * length];
        for (var i = 0; i < length; i++)
        for (var k = 0; k < length; k++)
        {
            var factor = left[i * length + k];
            for (var j = 0; j < length; j++)
                product[i * length + j] += factor * right[k * length + j];
        }
        return product;
    }
}
