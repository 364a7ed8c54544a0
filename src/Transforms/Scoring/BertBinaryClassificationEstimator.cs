using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Tells two classes of texts apart by a checkpoint that does so already; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Binary classification</description></item>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text; a second text column for pairs</description></item>
/// <item><term>Output columns</term><description>PredictedLabel (Boolean), Score (Single: log-odds), Probability (Single)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertBinaryClassificationTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertBinaryClassificationEstimator : CheckpointEstimator<BertBinaryClassificationTransformer>
{
    private readonly BinaryColumns _columns;
    private readonly string? _positiveLabel;
    private readonly int? _maximumLength;

    internal BertBinaryClassificationEstimator(
        IHostEnvironment environment,
        string checkpoint,
        BinaryColumns columns,
        string? positiveLabel,
        int? maximumLength
    )
        : base(environment, checkpoint, Head.SequenceClassification, ProblemType.SingleLabelClassification) =>
        (_columns, _positiveLabel, _maximumLength) = (columns, positiveLabel, maximumLength);

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _columns.Shape(inputSchema);

    private protected override BertBinaryClassificationTransformer Create(IHostEnvironment environment, PretrainedModel model) =>
        new(environment, model, _columns, BertBinaryClassificationTransformer.IndexOf(model.Config.Labels, _positiveLabel), _maximumLength);
}
