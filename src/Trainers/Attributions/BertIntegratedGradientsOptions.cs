using BertMl.Scoring;

namespace BertMl.Attributions;

/// <summary>How a label is explained by gradients.</summary>
public enum AttributionMethod
{
    /// <summary>
    /// Integrated gradients (Sundararajan, Taly and Yan 2017): the gradients on the way from a baseline to the text. The scores of all parts add up to what the
    /// label's logit gains on that way.
    /// </summary>
    IntegratedGradients,

    /// <summary>The gradient at the text times (embedding - baseline): one pass, and no sum that is known.</summary>
    GradientTimesInput,
}

/// <summary>Options of explanations by gradients.</summary>
public sealed record BertIntegratedGradientsOptions
{
    /// <summary>Columns, label, unit and length.</summary>
    public BertExplanationOptions Explanation { get; init; } = new();

    /// <summary>How. Default: integrated gradients.</summary>
    public AttributionMethod Method { get; init; } = AttributionMethod.IntegratedGradients;

    /// <summary>Points of the integral, by Gauss and Legendre's rule. Default 32.</summary>
    public int Steps { get; init; } = 32;

    /// <summary>
    /// The token whose embedding stands for nothing, in place of each token of the text; null (the default): the padding token, as Captum's examples for BERT.
    /// </summary>
    public string? BaselineToken { get; init; }

    internal void Check()
    {
        Explanation.Check();
        if (!Enum.IsDefined(Method))
            throw new ArgumentOutOfRangeException(nameof(Method), Method, "There is no such method.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Steps);
    }
}
