using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Gives texts any number of labels by a checkpoint that does so already; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Classification with several labels a text</description></item>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text; a second text column for pairs</description></item>
/// <item><term>Output columns</term><description>PredictedLabels (vector of Boolean), Score (vector of Single: a probability for each
/// label)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertMultiLabelClassificationTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertMultiLabelClassificationEstimator : CheckpointEstimator<BertMultiLabelClassificationTransformer>
{
    private readonly MultiLabelColumns _columns;
    private readonly IReadOnlyList<float>? _thresholds;
    private readonly int? _maximumLength;

    internal BertMultiLabelClassificationEstimator(
        IHostEnvironment environment,
        string checkpoint,
        MultiLabelColumns columns,
        IReadOnlyList<float>? thresholds,
        int? maximumLength
    )
        : base(environment, checkpoint, Head.SequenceClassification, ProblemType.MultiLabelClassification) =>
        (_columns, _thresholds, _maximumLength) = (columns, thresholds, maximumLength);

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _columns.Shape(inputSchema);

    private protected override BertMultiLabelClassificationTransformer Create(IHostEnvironment environment, PretrainedModel model) =>
        new(environment, model, _columns, _thresholds ?? ScoringFields.Thresholds(model.Config), _maximumLength);
}
