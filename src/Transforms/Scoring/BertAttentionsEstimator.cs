using BertMl.Checkpoints;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Gives the attentions and hidden states of a checkpoint of any head; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text; a second text column for pairs</description></item>
/// <item><term>Output columns</term><description>Tokens (vector of text), Attentions and HiddenStates (vectors of Single), of variable
/// length</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertAttentionsTransformer.SaveOnnx, with OnnxExportOptions.Attentions and
/// HiddenStates</description></item>
/// </list>
/// </remarks>
public sealed class BertAttentionsEstimator : CheckpointEstimator<BertAttentionsTransformer>
{
    private readonly BertAttentionsOptions _options;

    internal BertAttentionsEstimator(IHostEnvironment environment, string checkpoint, BertAttentionsOptions options)
        : base(environment, checkpoint, head: null)
    {
        options.Check();
        _options = options;
    }

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _options.Shape(inputSchema);

    private protected override BertAttentionsTransformer Create(IHostEnvironment environment, PretrainedModel model) => new(environment, model, _options);
}
