using BertMl.Checkpoints;
using BertMl.DataView;
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
public sealed class BertQuestionAnsweringEstimator : IEstimator<BertQuestionAnsweringTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _checkpoint;
    private readonly QuestionAnsweringOptions _options;

    internal BertQuestionAnsweringEstimator(IHostEnvironment environment, string checkpoint, QuestionAnsweringOptions options)
    {
        options.Check();
        (_environment, _checkpoint, _options) = (environment, checkpoint, options);
    }

    /// <summary>Opens the checkpoint. Every call gives a transformer of its own, to be disposed by itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text; or a length does not fit the model.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model does not answer questions, or a file is damaged.</exception>
    public BertQuestionAnsweringTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Schemas.Text(input.Schema, _options.ContextColumnName);
        Schemas.Text(input.Schema, _options.QuestionColumnName);
        return Open();
    }

    /// <summary>The shape of the schema that the transformer will deliver.</summary>
    /// <remarks>A pipeline asks for it before it reads any data, so a checkpoint that cannot be used is refused here, as in <see cref="Fit"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text; or a length does not fit the model.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model does not answer questions, or a file is damaged.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var output = _options.Shape(inputSchema);
        Open().Dispose();
        return output;
    }

    private BertQuestionAnsweringTransformer Open() =>
        FineTunedModel.Open(_checkpoint, Head.QuestionAnswering, model => new BertQuestionAnsweringTransformer(_environment, model, _options));
}
