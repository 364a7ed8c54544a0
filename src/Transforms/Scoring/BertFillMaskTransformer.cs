using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertFillMaskTransformer),
    typeof(BertFillMaskLoader),
    null,
    typeof(SignatureLoadModel),
    BertFillMaskTransformer.LoaderName,
    BertFillMaskTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Predicts the tokens behind the mask token ([MASK], &lt;mask&gt;) by a model with a masked-language-model head: for each mask of a text, in order, the most
/// probable tokens and their probabilities. Several masks of a text are predicted independently of each other, as in Hugging Face's fill-mask pipeline. A text
/// without a mask gets empty vectors.
/// </summary>
public sealed class BertFillMaskTransformer : BertTokenPredictionTransformer
{
    internal const string LoaderName = "BertFillMask";

    internal static readonly ModelFormat Format = new("BRTFILLM", 0x00010003, 0x00010003, LoaderName);

    private readonly int _maskTokenId;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A masked language model with its tokenizer.</param>
    /// <param name="options">Columns and candidates, checked.</param>
    internal BertFillMaskTransformer(IHostEnvironment environment, PretrainedModel model, BertFillMaskOptions options)
        : base(
            environment,
            nameof(BertFillMaskTransformer),
            model,
            options,
            (Head.MaskedLM, model.Head.MaskedTokenOutput),
            leastLength: 3,
            new(TokenId: model.Tokenizer?.MaskTokenId)
        ) => _maskTokenId = Tokenizer.MaskTokenId ?? throw new ArgumentException("The model's tokenizer has no mask token.", nameof(model));

    internal static BertFillMaskTransformer Load(IHostEnvironment environment, ModelReader reader) =>
        Load(
            reader,
            new BertFillMaskOptions(),
            (model, options, index) => new BertFillMaskTransformer(environment, model, options with { MaskIndexColumnName = index })
        );

    private protected override ModelFormat FileFormat => Format;

    private protected override int CountPlaces(ReadOnlySpan<int> ids) => ids.Count(_maskTokenId);
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertFillMaskLoader
{
    internal static BertFillMaskTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertFillMaskTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertFillMaskTransformer.Format));
}
