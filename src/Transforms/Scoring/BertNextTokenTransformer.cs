using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Onnx;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertNextTokenTransformer),
    typeof(BertNextTokenLoader),
    null,
    typeof(SignatureLoadModel),
    BertNextTokenTransformer.LoaderName,
    BertNextTokenTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Predicts the token after a text by a causal language model, such as GPT-2: the most probable tokens and their probabilities. Of a text that is too long the
/// last tokens count. Before an empty text stands the token that begins texts.
/// </summary>
public sealed class BertNextTokenTransformer : BertTokenPredictionTransformer
{
    internal const string LoaderName = "BertNextToken";

    internal static readonly ModelFormat Format = new("BRTNEXTT", 0x00010001, 0x00010001, LoaderName);

    private readonly PretrainedTokenizer _scoringTokenizer;
    private readonly ReadOnlyMemory<char> _beginning;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A causal language model with its tokenizer.</param>
    /// <param name="options">Columns and candidates, checked.</param>
    internal BertNextTokenTransformer(IHostEnvironment environment, PretrainedModel model, BertNextTokenOptions options)
        : base(
            environment,
            nameof(BertNextTokenTransformer),
            model,
            options,
            (Head.CausalLM, model.Head.NextTokenOutput),
            leastLength: 1 + (model.Tokenizer?.SpecialTokensToAdd(isPair: false) ?? 0),
            new(Last: true)
        ) =>
        (_scoringTokenizer, _beginning) = (
            Tokenizer.TruncatingLeft(),
            Tokenizer.SpecialTokensToAdd(isPair: false) > 0 ? default : (Tokenizer.BosToken ?? Tokenizer.EosToken).AsMemory()
        );

    internal static BertNextTokenTransformer Load(IHostEnvironment environment, ModelReader reader) =>
        Load(reader, new BertNextTokenOptions(), (model, options, _) => new BertNextTokenTransformer(environment, model, options));

    private protected override ModelFormat FileFormat => Format;

    private protected override int CountPlaces(ReadOnlySpan<int> ids) => ids.IsEmpty ? 0 : 1;

    internal override TextBatchRunner CreateRunner(bool hasPair) => new(Model, Host, Truncation, MaximumLength, hasPair, _scoringTokenizer, _beginning);
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertNextTokenLoader
{
    internal static BertNextTokenTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertNextTokenTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertNextTokenTransformer.Format));
}
