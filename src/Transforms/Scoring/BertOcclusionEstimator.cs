using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Explains the decisions of a classifier by what happens when parts of a text are masked; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text</description></item>
/// <item><term>Output columns</term><description>ExplainedLabel (text); Parts (vector of text), PartStarts (vector of Int32), Attributions (vector of
/// Single)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>The classifier: BertOcclusionTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertOcclusionEstimator : CheckpointEstimator<BertOcclusionTransformer>
{
    private readonly BertExplanationOptions _options;

    internal BertOcclusionEstimator(IHostEnvironment environment, string checkpoint, BertExplanationOptions options)
        : base(environment, checkpoint, Head.SequenceClassification)
    {
        options.Check();
        _options = options;
    }

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _options.Shape(inputSchema);

    private protected override BertOcclusionTransformer Create(IHostEnvironment environment, PretrainedModel model) => new(environment, model, _options);
}
