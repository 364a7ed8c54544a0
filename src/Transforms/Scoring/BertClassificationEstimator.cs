using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Tokenization;
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
/// <item><term>Output columns</term><description>PredictedLabel (key whose values are the names in config.json), Score (vector of Single: probabilities)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertClassificationTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertClassificationEstimator : IEstimator<BertClassificationTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _checkpoint;
    private readonly ClassificationColumns _columns;
    private readonly int? _maximumLength;

    internal BertClassificationEstimator(IHostEnvironment environment, string checkpoint, ClassificationColumns columns, int? maximumLength) =>
        (_environment, _checkpoint, _columns, _maximumLength) = (environment, checkpoint, columns, maximumLength);

    /// <summary>Opens the checkpoint. Every call gives a transformer of its own, to be disposed by itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model is no classifier, or a file is damaged.</exception>
    public BertClassificationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Schemas.Text(input.Schema, _columns.Text);
        if (_columns.Pair is { } pair)
            Schemas.Text(input.Schema, pair);
        return Open();
    }

    /// <summary>The shape of the schema that the transformer will deliver.</summary>
    /// <remarks>A pipeline asks for it before it reads any data, so a checkpoint that cannot be used is refused here, as in <see cref="Fit"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model is no classifier, or a file is damaged.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var output = _columns.Shape(inputSchema, KeyValues.Of(["", ""]));
        Open().Dispose();
        return output;
    }

    private BertClassificationTransformer Open()
    {
        var model = PretrainedModel.Load(_checkpoint, Head.SequenceClassification);
        try
        {
            model.Report.ThrowIfIncomplete(_checkpoint);
            return new(_environment, model, _columns, KeyValues.Of(model.Config.Labels), _maximumLength);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
