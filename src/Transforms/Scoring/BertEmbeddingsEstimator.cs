using BertMl.Checkpoints;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Scoring;

/// <summary>Gives each text a vector, by a checkpoint of any head; nothing is learned from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Estimator characteristics</term><description></description></listheader>
/// <item><term>Learns from the data</term><description>No</description></item>
/// <item><term>Input columns</term><description>Text; a second text column for pairs</description></item>
/// <item><term>Output columns</term><description>Features (vector of Single, as wide as the model, or as the folder's last Dense layer)</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>BertMl.Transforms; no libtorch</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes, without the pooling: BertEmbeddingsTransformer.SaveOnnx</description></item>
/// </list>
/// </remarks>
public sealed class BertEmbeddingsEstimator : CheckpointEstimator<BertEmbeddingsTransformer>
{
    private readonly string _checkpoint;
    private readonly BertEmbeddingsOptions _options;

    internal BertEmbeddingsEstimator(IHostEnvironment environment, string checkpoint, BertEmbeddingsOptions options)
        : base(environment, checkpoint, head: null)
    {
        options.Check();
        (_checkpoint, _options) = (checkpoint, options);
    }

    private protected override SchemaShape Shape(SchemaShape inputSchema) => _options.Shape(inputSchema);

    private protected override BertEmbeddingsTransformer Create(IHostEnvironment environment, PretrainedModel model)
    {
        // A folder's own way of pooling is not asked for where it is not used.
        var isChosen = _options is { Pooling: not null, Normalize: not null, MaximumLength: not null };
        var modules = isChosen ? SentenceTransformersModules.None : SentenceTransformersModules.Read(_checkpoint);
        return new(
            environment,
            model,
            _options with
            {
                Pooling = _options.Pooling ?? modules.Pooling ?? EmbeddingPooling.Mean,
                Normalize = _options.Normalize ?? modules.Normalize,
                MaximumLength = _options.MaximumLength ?? modules.MaximumLength,
            },
            // They have learned from the folder's own pooling.
            _options.Pooling
                is null
                ? modules.Dense
                : []
        );
    }
}
