using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Chooses one of several continuations by a checkpoint that does so already; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Multiple choice</description></item>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Choices: a vector of text, or several text columns; a text column of their context</description></item>
/// <item><term>Output columns</term><description>PredictedLabel (key: the number of the choice, from 0), Score (vector of Single: probabilities of the
/// choices)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertMultipleChoiceTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertMultipleChoiceEstimator : CheckpointEstimator<BertMultipleChoiceTransformer>
{
    private readonly ChoiceColumns _columns;
    private readonly int? _numberOfChoices,
        _maximumLength;

    internal BertMultipleChoiceEstimator(IHostEnvironment environment, string checkpoint, ChoiceColumns columns, int? numberOfChoices, int? maximumLength)
        : base(environment, checkpoint, Head.MultipleChoice) => (_columns, _numberOfChoices, _maximumLength) = (columns, numberOfChoices, maximumLength);

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _columns.Shape(inputSchema, _numberOfChoices is not null);

    private protected override BertMultipleChoiceTransformer Create(IHostEnvironment environment, PretrainedModel model) =>
        new(environment, model, _columns, _numberOfChoices, _maximumLength);
}
