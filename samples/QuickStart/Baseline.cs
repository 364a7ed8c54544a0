using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Samples;

/// <summary>What ML.NET does without BERT: counts of words and letters, and a linear classifier on them.</summary>
internal static class Baseline
{
    /// <summary>The name to show.</summary>
    public const string Name = "ML.NET FeaturizeText, SDCA";

    /// <summary>The pipeline, from the columns Text and Label (a key).</summary>
    public static IEstimator<TransformerChain<ITransformer>> Create(MLContext ml) =>
        new EstimatorChain<ITransformer>()
            .Append(ml.Transforms.Text.FeaturizeText("Features", "Text"))
            .AppendCacheCheckpoint(ml)
            .Append<ITransformer>(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy());
}
