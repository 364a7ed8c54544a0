using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Predicts masked tokens by a checkpoint; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text</description></item>
/// <item><term>Output columns</term><description>PredictedTokens (vector of text), Score (vector of Single: probabilities), MaskIndex (vector of Int32: for
/// which mask), of variable length</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertFillMaskTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertFillMaskEstimator : CheckpointEstimator<BertFillMaskTransformer>
{
    private readonly BertFillMaskOptions _options;

    internal BertFillMaskEstimator(IHostEnvironment environment, string checkpoint, BertFillMaskOptions options)
        : base(environment, checkpoint, Head.MaskedLM)
    {
        options.Check();
        _options = options;
    }

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _options.Shape(inputSchema);

    private protected override BertFillMaskTransformer Create(IHostEnvironment environment, PretrainedModel model) => new(environment, model, _options);
}
