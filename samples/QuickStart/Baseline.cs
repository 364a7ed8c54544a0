using Microsoft.ML;
using Microsoft.ML.Data;

namespace BertMl.Samples;

/// <summary>What ML.NET does without BERT: counts of words and letters, and a linear classifier on them.</summary>
internal static class Baseline
{
    /// <summary>The name to show.</summary>
    public const string Name = "FeaturizeText + SdcaMaximumEntropy";

    /// <summary>The pipeline, from the columns Text and Label.</summary>
    public static IEstimator<ITransformer> Create(MLContext ml) =>
        ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.Transforms.Text.FeaturizeText("Features", "Text"))
            .AppendCacheCheckpoint(ml)
            .Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy());
}
