using BertMl.Checkpoints;
using BertMl.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Answers questions by a checkpoint that has learned to; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Extractive question answering</description></item>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Context and Question, text; an empty one is an error when its row is read</description></item>
/// <item><term>Output columns</term><description>Answer (text), Score (Single), Start and End (Int32); NBestAnswers, NBestScores, NBestStarts, NBestEnds,
/// vectors of the same types and of variable length; with AnswerScoring.LogitSum NullScore (Single)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertQuestionAnsweringTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertQuestionAnsweringEstimator : CheckpointEstimator<BertQuestionAnsweringTransformer>
{
    private readonly BertQuestionAnsweringOptions _options;

    internal BertQuestionAnsweringEstimator(IHostEnvironment environment, string checkpoint, BertQuestionAnsweringOptions options)
        : base(environment, checkpoint, Head.QuestionAnswering)
    {
        options.Check();
        _options = options;
    }

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _options.Shape(inputSchema);

    private protected override BertQuestionAnsweringTransformer Create(IHostEnvironment environment, PretrainedModel model) =>
        new(environment, model, _options);
}
