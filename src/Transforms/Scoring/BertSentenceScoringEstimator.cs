using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Tells how much a language model expects a text; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text</description></item>
/// <item><term>Output columns</term><description>Score and Loss (Single), TokenScores (vector of Single) and Tokens (vector of text) of variable
/// length</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertSentenceScoringTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertSentenceScoringEstimator : CheckpointEstimator<BertSentenceScoringTransformer>
{
    private readonly BertSentenceScoringOptions _options;

    internal BertSentenceScoringEstimator(IHostEnvironment environment, string checkpoint, BertSentenceScoringOptions options)
        : base(environment, checkpoint, Head.MaskedLM)
    {
        options.Check();
        _options = options;
    }

    private protected override bool CanUse(Head head) => BertSentenceScoringTransformer.Output(head) is not null;

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _options.Shape(inputSchema);

    private protected override BertSentenceScoringTransformer Create(IHostEnvironment environment, PretrainedModel model) => new(environment, model, _options);
}
