using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Finds entities by a checkpoint that labels tokens already; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Token classification (named entities, parts of speech)</description></item>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text, or a vector of text: words</description></item>
/// <item><term>Output columns</term><description>Entities (vector of text), EntityScores (vector of Single), EntityStarts and EntityEnds (vectors of Int32), of
/// variable length; with words PredictedTags (vector of text) and TagScores (vector of Single), as long as the words</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertTokenClassificationTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertTokenClassificationEstimator : CheckpointEstimator<BertTokenClassificationTransformer>
{
    private readonly BertTokenClassificationOptions _options;

    internal BertTokenClassificationEstimator(IHostEnvironment environment, string checkpoint, BertTokenClassificationOptions options)
        : base(environment, checkpoint, Head.TokenClassification)
    {
        options.Check();
        _options = options;
    }

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _options.Shape(inputSchema);

    private protected override BertTokenClassificationTransformer Create(IHostEnvironment environment, PretrainedModel model)
    {
        _options.CheckLabels(model.Config.Labels);
        return new(environment, model, _options);
    }
}
