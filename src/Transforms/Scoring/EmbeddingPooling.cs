using System.Numerics.Tensors;

namespace BertMl.Scoring;

/// <summary>How one vector is made of the last hidden states of a text; the names and rules are those of sentence-transformers.</summary>
public enum EmbeddingPooling
{
    /// <summary>The vector of the first token, [CLS].</summary>
    Cls,

    /// <summary>The mean of all tokens.</summary>
    Mean,

    /// <summary>The greatest of each component.</summary>
    Max,

    /// <summary>The vector of the last token: for models that see only what is before.</summary>
    LastToken,

    /// <summary>The sum divided by the square root of the number of tokens.</summary>
    MeanSqrtLengthTokens,

    /// <summary>The mean, in which a token weighs as much as its place, from 1 (Muennighoff 2022, SGPT).</summary>
    WeightedMean,
}

/// <summary>Makes one vector of many.</summary>
internal static class VectorPooling
{
    /// <summary>Pools the vectors of a row.</summary>
    /// <param name="pooling">How.</param>
    /// <param name="hidden">[tokens, width], without padding.</param>
    /// <param name="vector">[width].</param>
    public static void Pool(EmbeddingPooling pooling, ReadOnlySpan<float> hidden, Span<float> vector)
    {
        var (width, length) = (vector.Length, hidden.Length / vector.Length);
        switch (pooling)
        {
            case EmbeddingPooling.Cls:
                hidden[..width].CopyTo(vector);
                return;
            case EmbeddingPooling.LastToken:
                hidden[^width..].CopyTo(vector);
                return;
            case EmbeddingPooling.Max:
                hidden[..width].CopyTo(vector);
                for (var token = 1; token < length; token++)
                    TensorPrimitives.Max(vector, hidden.Slice(token * width, width), vector);
                return;
            default:
                vector.Clear();
                var isWeighted = pooling == EmbeddingPooling.WeightedMean;
                for (var token = 0; token < length; token++)
                    TensorPrimitives.MultiplyAdd(hidden.Slice(token * width, width), isWeighted ? token + 1f : 1, vector, vector);
                var divisor = pooling switch
                {
                    EmbeddingPooling.WeightedMean => length * (length + 1f) / 2,
                    EmbeddingPooling.MeanSqrtLengthTokens => MathF.Sqrt(length),
                    _ => length,
                };
                TensorPrimitives.Divide(vector, divisor, vector);
                return;
        }
    }

    /// <summary>Divides a vector by its length, as torch's <c>normalize</c> does.</summary>
    public static void Normalize(Span<float> vector) => TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm<float>(vector), 1e-12f), vector);
}
