using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Finds entities by a checkpoint that labels tokens already; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Token classification (named entities, parts of speech)</description></item>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text, or a vector of text: words</description></item>
/// <item><term>Output columns</term><description>Entities (vector of text), EntityScores (vector of Single), EntityStarts and EntityEnds (vectors of Int32), of
/// variable length; with words PredictedTags (vector of text) and TagScores (vector of Single), as long as the words</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes: BertTokenClassificationTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertTokenClassificationEstimator : IEstimator<BertTokenClassificationTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _checkpoint;
    private readonly TokenClassificationOptions _options;

    internal BertTokenClassificationEstimator(IHostEnvironment environment, string checkpoint, TokenClassificationOptions options)
    {
        options.Check();
        (_environment, _checkpoint, _options) = (environment, checkpoint, options);
    }

    /// <summary>Opens the checkpoint. Every call gives a transformer of its own, to be disposed by itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is neither text nor a vector of text; or length or stride do not fit the
    /// model.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model does not label tokens, or a file is damaged.</exception>
    public BertTokenClassificationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Schemas.TextOrWords(input.Schema, _options.TextColumnName);
        return Open();
    }

    /// <summary>The shape of the schema that the transformer will deliver.</summary>
    /// <remarks>A pipeline asks for it before it reads any data, so a checkpoint that cannot be used is refused here, as in <see cref="Fit"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or is neither text nor a vector of text; or length or stride do not fit the
    /// model.</exception>
    /// <exception cref="IOException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The folder's model does not label tokens, or a file is damaged.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var output = _options.Shape(inputSchema);
        Open().Dispose();
        return output;
    }

    private BertTokenClassificationTransformer Open() =>
        FineTunedModel.Open(_checkpoint, Head.TokenClassification, model => new BertTokenClassificationTransformer(_environment, model, _options));
}
