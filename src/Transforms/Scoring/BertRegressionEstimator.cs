using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Gives texts numbers by a checkpoint that does so already; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Regression</description></item>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text; a second text column for pairs</description></item>
/// <item><term>Output columns</term><description>Score (Single)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertRegressionTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertRegressionEstimator : CheckpointEstimator<BertRegressionTransformer>
{
    private readonly RegressionColumns _columns;
    private readonly int? _maximumLength;

    internal BertRegressionEstimator(IHostEnvironment environment, string checkpoint, RegressionColumns columns, int? maximumLength)
        : base(environment, checkpoint, Head.SequenceClassification, ProblemType.Regression) => (_columns, _maximumLength) = (columns, maximumLength);

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _columns.Shape(inputSchema);

    private protected override BertRegressionTransformer Create(IHostEnvironment environment, PretrainedModel model) =>
        new(environment, model, _columns, _maximumLength);
}
