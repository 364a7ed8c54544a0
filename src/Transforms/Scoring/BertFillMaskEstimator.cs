using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Predicts masked tokens by a checkpoint; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text</description></item>
/// <item><term>Output columns</term><description>PredictedTokens (vector of text), Score (vector of Single: probabilities), of variable length</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertFillMaskTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertFillMaskEstimator : IEstimator<BertFillMaskTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _checkpoint;
    private readonly FillMaskOptions _options;

    internal BertFillMaskEstimator(IHostEnvironment environment, string checkpoint, FillMaskOptions options)
    {
        options.Check();
        (_environment, _checkpoint, _options) = (environment, checkpoint, options);
    }

    /// <summary>Opens the checkpoint. Every call gives a transformer of its own, to be disposed by itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is not text.</exception>
    /// <exception cref="ArgumentException">A candidate is not in the vocabulary.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model has no masked-language-model head, or a file is damaged.</exception>
    public BertFillMaskTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Schemas.Text(input.Schema, _options.TextColumnName);
        return Open();
    }

    /// <summary>The shape of the schema that the transformer will deliver.</summary>
    /// <remarks>A pipeline asks for it before it reads any data, so a checkpoint that cannot be used is refused here, as in <see cref="Fit"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is not text.</exception>
    /// <exception cref="ArgumentException">A candidate is not in the vocabulary.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model has no masked-language-model head, or a file is damaged.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var output = _options.Shape(inputSchema);
        Open().Dispose();
        return output;
    }

    private BertFillMaskTransformer Open()
    {
        var model = PretrainedModel.Load(_checkpoint, Head.MaskedLM);
        try
        {
            model.Report.ThrowIfIncomplete(_checkpoint);
            return new(_environment, model, _options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
