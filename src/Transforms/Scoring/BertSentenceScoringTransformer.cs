using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Tokenization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(BertSentenceScoringTransformer),
    typeof(BertSentenceScoringLoader),
    null,
    typeof(SignatureLoadModel),
    BertSentenceScoringTransformer.LoaderName,
    BertSentenceScoringTransformer.LoaderName
)]

namespace BertMl.Scoring;

/// <summary>
/// Tells how much a language model expects a text. By a masked language model: the pseudo-log-likelihood (Salazar et al. 2020), for which each token is masked
/// in turn and predicted from all others. By a causal language model: the log-likelihood of each token given those before it; the first is not predicted.
/// Special tokens that the tokenizer adds to a masked language model's text are not scored. With prompts before the texts, only the tokens of the texts are
/// scored: the conditional likelihood of a continuation.
/// </summary>
/// <remarks>A text of n tokens costs a masked language model n rows of n tokens, and a causal one a single row.</remarks>
public sealed class BertSentenceScoringTransformer : BertTransformer
{
    internal const string LoaderName = "BertSentenceScoring";

    // Main stream: text and score columns, optional loss, token scores, tokens and prompt columns, bool special tokens, int maximum length. The model's
    // entries: see SavedPretrainedModel.
    internal static readonly ModelFormat Format = new("BRTSENTS", 0x00010002, 0x00010002, LoaderName);

    private const int LookAhead = 256;

    // Of a causal model each token has a logit for every entry of the vocabulary: 1 GB a batch.
    private const int MostLogits = 1 << 28;
    private readonly BertSentenceScoringOptions _options;

    /// <summary>Makes a transformer of a model, which it then owns.</summary>
    /// <param name="environment">Its <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide where to compute.</param>
    /// <param name="model">A masked or causal language model with its tokenizer.</param>
    /// <param name="options">Columns and length, checked.</param>
    internal BertSentenceScoringTransformer(IHostEnvironment environment, PretrainedModel model, BertSentenceScoringOptions options)
        : base(
            environment,
            nameof(BertSentenceScoringTransformer),
            Checked(model),
            options.MaximumLength,
            (model.Tokenizer?.SpecialTokensToAdd(isPair: false) ?? 0) + 1,
            nameof(BertSentenceScoringOptions.MaximumLength),
            // The row of the masked token alone is read.
            model.Head.NextTokenOutput
                is not null
                ? null
                : new() { Predicted = new(model.Tokenizer?.MaskTokenId) }
        )
    {
        (_options, IsCausal, OutputName) = (options, model.Head.NextTokenOutput is not null, Output(model.Head)!);
        VocabularySize = model.Config.VocabSize;
        if (!IsCausal && Tokenizer.MaskTokenId is null)
            throw new ArgumentException("The model's tokenizer has no [MASK] token.", nameof(model));
    }

    /// <summary>The scores of tokens; null: the head has none.</summary>
    internal static string? Output(Head head) => head.NextTokenOutput ?? head.MaskedTokenOutput;

    private static PretrainedModel Checked(PretrainedModel model) =>
        Output(model.Head) is not null ? model : throw new ArgumentException($"The model is one for {model.Head}, not a language model.", nameof(model));

    internal static BertSentenceScoringTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var options = new BertSentenceScoringOptions
        {
            TextColumnName = reader.Main.ReadString(),
            ScoreColumnName = reader.Main.ReadString(),
            LossColumnName = reader.Optional(),
            TokenScoresColumnName = reader.Optional(),
            TokensColumnName = reader.Optional(),
            PromptColumnName = reader.Optional(),
            AddSpecialTokens = reader.Main.ReadBoolean(),
            MaximumLength = reader.Main.ReadInt32(),
        };
        return SavedPretrainedModel.Read(reader, model => new BertSentenceScoringTransformer(environment, model, options));
    }

    /// <summary>Is each token predicted from those before it (true), or from all others (false)?</summary>
    public bool IsCausal { get; }

    /// <summary>Does something that is not scored stand before each text?</summary>
    internal bool HasPrompts => _options.PromptColumnName is not null;

    /// <summary>What texts are tokenized by: of a prompt and its text, the text is kept.</summary>
    internal PretrainedTokenizer ScoringTokenizer => field ??= HasPrompts ? Tokenizer.TruncatingLeft() : Tokenizer;

    /// <summary>How texts are tokenized.</summary>
    internal EncodingOptions Encoding => new() { MaximumLength = MaximumLength, AddSpecialTokens = _options.AddSpecialTokens };

    /// <summary>The network's output that has logits over the vocabulary.</summary>
    internal string OutputName { get; }

    internal int VocabularySize { get; }

    private protected override ModelFormat FileFormat => Format;

    private protected override void Save(ModelWriter writer) =>
        Model.Use(model =>
        {
            writer.Main.Write(_options.TextColumnName);
            writer.Main.Write(_options.ScoreColumnName);
            writer.Optional(_options.LossColumnName);
            writer.Optional(_options.TokenScoresColumnName);
            writer.Optional(_options.TokensColumnName);
            writer.Optional(_options.PromptColumnName);
            writer.Main.Write(_options.AddSpecialTokens);
            writer.Main.Write(MaximumLength);
            SavedPretrainedModel.Write(writer, model);
            return true;
        });

    private protected override RowBinding Bind(DataViewSchema inputSchema)
    {
        var columns = new TextColumns(_options.TextColumnName, _options.PromptColumnName).Find(inputSchema);
        var outputs = _options.Outputs().ToArray();
        return new ScorerBinding(
            inputSchema,
            columns,
            outputs.Select(output => output.Column),
            (row, capacity) =>
                new SentenceScorer(
                    this,
                    new(Model, Host, mostTokens: Math.Max(1, MostLogits / VocabularySize)),
                    new(row, columns, capacity),
                    [.. outputs.Select(output => output.Kind)],
                    capacity
                ),
            LookAhead
        );
    }
}

/// <summary>ML.NET loads a saved transformer by this class, which <c>LoadableClass</c> names.</summary>
internal static class BertSentenceScoringLoader
{
    internal static BertSentenceScoringTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        BertSentenceScoringTransformer.Load(environment, MlNetInternals.BeginLoad(context, BertSentenceScoringTransformer.Format));
}
