using BertMl.Attributions;
using BertMl.DataView;
using Microsoft.ML;

namespace BertMl;

/// <summary>Explanations that need gradients, in the catalogs of an <see cref="MLContext"/>.</summary>
public static class BertAttributionsCatalog
{
    /// <summary>Explains the decisions of a classifier by integrated gradients: how much each word of a text speaks for the label.</summary>
    /// <param name="catalog"><c>mlContext.Transforms.Text</c>.</param>
    /// <param name="checkpoint">The folder of a classifier: config.json, weights and tokenizer. It is read when the estimator is fitted.</param>
    /// <param name="options">Columns, method, baseline and steps; null: the predicted label, by words.</param>
    /// <exception cref="ArgumentException">A column has no name, or an option is out of range.</exception>
    public static BertIntegratedGradientsEstimator ApplyBertIntegratedGradients(
        this TransformsCatalog.TextTransforms catalog,
        string checkpoint,
        BertIntegratedGradientsOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        return new(MlNetInternals.Environment(catalog), checkpoint, options ?? new());
    }
}
