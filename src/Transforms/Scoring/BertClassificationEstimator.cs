using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Classifies texts by a checkpoint that is a classifier already; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Multiclass classification</description></item>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text; a second text column for pairs</description></item>
/// <item><term>Output columns</term><description>PredictedLabel (key whose values are the names in config.json), Score (vector of Single:
/// probabilities)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertClassificationTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertClassificationEstimator : CheckpointEstimator<BertClassificationTransformer>
{
    private readonly ClassificationColumns _columns;
    private readonly int? _maximumLength;

    internal BertClassificationEstimator(IHostEnvironment environment, string checkpoint, ClassificationColumns columns, int? maximumLength)
        : base(environment, checkpoint, Head.SequenceClassification, ProblemType.SingleLabelClassification) =>
        (_columns, _maximumLength) = (columns, maximumLength);

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _columns.Shape(inputSchema, KeyValues.Of(["", ""]));

    private protected override BertClassificationTransformer Create(IHostEnvironment environment, PretrainedModel model) =>
        new(environment, model, _columns, KeyValues.Of(model.Config.Labels), _maximumLength) { Temperature = ScoringFields.Temperature(model.Config) ?? 1 };
}
