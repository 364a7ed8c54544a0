using BertMl.Checkpoints;
using BertMl.DataView;
using BertMl.Masking;
using BertMl.Networks;
using BertMl.Scoring;
using BertMl.Tokenization;
using BertMl.Torch;
using BertMl.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace BertMl.Pretraining;

/// <summary>
/// Pretrains a model of any architecture that is registered on plain text, from random weights or from a checkpoint (domain adaptation). One that predicts
/// masked tokens learns by masked language modelling (Devlin et al. 2018), by next-sentence prediction too where rows are
/// <see cref="SequenceLayout.SentencePairs"/>; the loss is computed only where tokens are masked. One that predicts the next token only, as GPT-2, learns that
/// (Radford et al. 2019): labels are the tokens themselves, and masking is of no account.
/// </summary>
/// <remarks>
/// <para>Use <see cref="BertPretrainingCatalog.BertPretraining(TransformsCatalog.TextTransforms, Options)"/> to make one. What it gives fills masks, or
/// predicts the next token, and its <see cref="BertTransformer.SavePretrained"/> writes the folder that everything else starts from.</para>
/// <list type="table">
/// <listheader><term>Characteristic</term><description></description></listheader>
/// <item><term>Is caching required?</term><description>No: rows are read once, into a file of tokens that is mapped into memory</description></item>
/// <item><term>Packages beside Microsoft.ML</term><description>TorchSharp and libtorch, to train only</description></item>
/// <item><term>Exportable to ONNX</term><description>Yes</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Text (in)</term><description>text</description></item>
/// <item><term>Document (in, optional)</term><description>Int64</description></item>
/// <item><term>PredictedTokens, Score (out)</term><description>see <see cref="BertFillMaskTransformer"/> and
/// <see cref="BertNextTokenTransformer"/></description></item>
/// </list>
/// </remarks>
public sealed partial class BertPretrainingTrainer : IEstimator<BertTokenPredictionTransformer>
{
    private const string ValidationSuffix = ".validation";
    private readonly IHostEnvironment _environment;
    private readonly IHost _host;
    private readonly Options _options;

    internal BertPretrainingTrainer(IHostEnvironment environment, Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        (_environment, _host, _options) = (environment, environment.Register(nameof(BertPretrainingTrainer)), (Options)options.Copy());
    }

    private Head Task => PretrainingHead.Of(_options.Model?.Config.Architecture ?? PretrainedModel.ReadArchitecture(_options.Checkpoint!), _options.Sequences);

    private ulong Seed => (ulong)ModelTraining.Seed(_options, _environment);

    private ulong ValidationSeed => (ulong)(_options.ValidationSeed ?? ModelTraining.Seed(_options, _environment));

    /// <summary>Trains on all rows of the data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// The text is empty or shorter than one row; the model has no head that can be pretrained in this way, or its tokenizer no mask token or another padding
    /// token than the network takes; loss or weights are not numbers any more; memory does not suffice; the checkpoint folder is of another training.
    /// </exception>
    /// <exception cref="InvalidDataException">The text is not UTF-8; the model to start from is damaged, has no tokenizer, or is of an architecture that is not
    /// known.</exception>
    /// <exception cref="IOException">A file cannot be read, or the token cache or a checkpoint cannot be written.</exception>
    /// <exception cref="ArgumentException">The learning rate is 0 at every step.</exception>
    /// <exception cref="OperationCanceledException">The training was cancelled, and is to throw then.</exception>
    public BertTokenPredictionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (text, validationText) = (Text(input, "The corpus"), _options.ValidationSet is { } set ? Text(set, "The validation text") : null);
        using var channel = _host.Start("Train");
        using var start = StartingModel.Open(_options.Checkpoint, _options.Model, Task, null, null, ModelTraining.Seed(_options, _environment), channel);
        CheckModel(start);
        using var cache = Open(text, "", Seed, start, channel);
        using var validationCache = validationText is null ? null : Open(validationText, ValidationSuffix, ValidationSeed, start, channel);
        var texts = Texts(cache.Tokens, start, _options.Masking, Seed, _options.StaticMasking);
        var validationTexts = Texts((validationCache ?? cache).Tokens, start, _options.ValidationMasking ?? _options.Masking, ValidationSeed, isStatic: true);
        var (learned, validated) =
            _options.ValidationFraction > 0
                ? TrainingSubset.Split(texts, _options.ValidationFraction, Seed, validationTexts, _options.MaximumValidationRows)
                : (
                    (ITrainingSet)texts,
                    validationCache is null ? null : TrainingSubset.Sample(validationTexts, _options.MaximumValidationRows, ValidationSeed)
                );
        var model = ModelTraining.Run(_environment, _host, channel, start, learned, validated, _options, new());
        if (model.Head.NextTokenOutput is not null)
            return new BertNextTokenTransformer(_environment, model, new() { TextColumnName = _options.TextColumnName });
        return new BertFillMaskTransformer(_environment, model, new() { TextColumnName = _options.TextColumnName });
    }

    /// <summary>The input's columns and those of the transformer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TextColumn.CheckDocument(inputSchema, _options.DocumentColumnName);
        BertTokenPredictionOptions columns = Task.NextTokenOutput is not null
            ? new BertNextTokenOptions { TextColumnName = _options.TextColumnName }
            : new BertFillMaskOptions { TextColumnName = _options.TextColumnName };
        return columns.Shape(inputSchema);
    }

    /// <summary>
    /// How well the model to start from predicts tokens of a text, on <see cref="Options.MaximumValidationRows"/> of its rows at most: rows and masking
    /// as in training, always the same for a seed.
    /// </summary>
    internal PretrainingMetrics Evaluate(IDataView data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var text = Text(data, "The text");
        using var channel = _host.Start("Evaluate");
        using var model = StartingModel.Open(_options.Checkpoint, _options.Model, Task, null, null, ModelTraining.Seed(_options, _environment), channel);
        CheckModel(model);
        using var cache = Open(text, "", Seed, model, channel);
        return PretrainingEvaluation.Evaluate(
            model,
            TrainingSubset.Sample(Texts(cache.Tokens, model, _options.Masking, Seed, isStatic: true), _options.MaximumValidationRows, Seed),
            _options.BatchSize,
            new()
            {
                Precision = _options.Precision,
                GpuDeviceId = MlNetInternals.GpuDeviceId(_environment),
                FallbackToCpu = MlNetInternals.FallbackToCpu(_environment),
            },
            _options.CancellationToken
        );
    }

    // The columns are checked before any work.
    private TextColumn Text(IDataView data, string role) => TextColumn.Of(data, _options.TextColumnName, _options.DocumentColumnName, role);

    private void CheckModel(PretrainedModel model)
    {
        if (model.Head.MaskedTokenOutput is not null && model.Tokenizer!.MaskTokenId is null)
            throw new InvalidOperationException("The model's tokenizer has no mask token, which masked language modelling needs.");
        if (_options.MaximumLength > model.Config.MaximumLength)
            throw new InvalidOperationException(
                $"The option {nameof(Options.MaximumLength)} is {_options.MaximumLength}, "
                    + $"but the model takes at most {model.Config.MaximumLength} tokens."
            );
        if (model.Config.Architecture.FixedPaddingId is { } id && model.Tokenizer!.PaddingId != id)
            throw new InvalidOperationException(
                $"A network of the architecture '{model.Config.Architecture}' takes token {id} for padding, and the tokenizer's is token "
                    + $"{model.Tokenizer.PaddingId}. {model.Config.Architecture.PaddingAdvice}"
            );
    }

    private OpenTokenCache Open(TextColumn text, string suffix, ulong seed, PretrainedModel model, IChannel channel)
    {
        var builder = new TokenCacheBuilder(
            model.Tokenizer!,
            new(_options.Sequences, _options.MaximumLength, seed),
            line => channel.Info(MessageSensitivity.None, "{0}", line),
            _options.CancellationToken
        );
        return new(builder, text, _options.TokenCacheFile is { } file ? file + suffix : null);
    }

    private static PretrainingTexts Texts(TokenCache cache, PretrainedModel model, MaskingOptions masking, ulong seed, bool isStatic) =>
        new(cache, model.Tokenizer!.PaddingId, model.Head.MaskedTokenOutput is null ? null : new TokenMasker(model.Tokenizer, masking), seed, isStatic);

    /// <summary>A token cache; one that nobody asked to keep is deleted with it.</summary>
    private sealed class OpenTokenCache : IDisposable
    {
        private readonly string? _temporary;

        public OpenTokenCache(TokenCacheBuilder builder, TextColumn text, string? path)
        {
            _temporary = path is null ? Path.Combine(Path.GetTempPath(), $"bertml-{Guid.NewGuid():N}.tokens") : null;
            Tokens = builder.OpenOrBuild(text, path ?? _temporary!);
        }

        public TokenCache Tokens { get; }

        public void Dispose()
        {
            Tokens.Dispose();
            if (_temporary is not null)
                File.Delete(_temporary);
        }
    }
}
