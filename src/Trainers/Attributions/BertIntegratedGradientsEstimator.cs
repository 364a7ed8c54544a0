using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Attributions;

/// <summary>Explains the decisions of a classifier by gradients; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text</description></item>
/// <item><term>Output columns</term><description>ExplainedLabel (text); Parts (vector of text), PartStarts (vector of Int32), Attributions (vector of
/// Single)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Trainers and libtorch</description></item>
/// <item><term>Saved with mlContext.Model.Save</term><description>No: it looks into a model, and needs libtorch, which saved models do not</description></item>
/// </list>
/// </remarks>
public sealed class BertIntegratedGradientsEstimator : IEstimator<BertIntegratedGradientsTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _checkpoint;
    private readonly BertIntegratedGradientsOptions _options;

    internal BertIntegratedGradientsEstimator(IHostEnvironment environment, string checkpoint, BertIntegratedGradientsOptions options)
    {
        options.Check();
        (_environment, _checkpoint, _options) = (environment, checkpoint, options);
    }

    /// <summary>Opens the checkpoint. Every call gives a transformer of its own, to be disposed by itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is not text, or the model has not so many positions.</exception>
    /// <exception cref="ArgumentException">The model has no such label, or its vocabulary no such token.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model is no classifier, has no tokenizer, or a file is damaged.</exception>
    /// <exception cref="InvalidOperationException">Memory does not suffice for the model.</exception>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message says what to install.</exception>
    public BertIntegratedGradientsTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Schemas.Text(input.Schema, _options.Explanation.TextColumnName);
        using var model = Open();
        return new(_environment, model, _options);
    }

    /// <summary>The shape of the schema that the transformer will deliver.</summary>
    /// <remarks>A pipeline asks for it before it reads any data, so a checkpoint that cannot be used is refused here, as in <see cref="Fit"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is not text.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model is no classifier, has no tokenizer, or a file is damaged.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var output = _options.Explanation.Shape(inputSchema);
        Open().Dispose();
        return output;
    }

    private PretrainedModel Open() => HeadUse.Load(_checkpoint, Head.SequenceClassification);
}
