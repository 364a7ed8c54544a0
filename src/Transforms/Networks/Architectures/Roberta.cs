namespace BertMl.Networks;

/// <summary>
/// The shape of a RoBERTa (Liu et al. 2019), with the defaults of transformers. <c>roberta-base</c> has 50,265 tokens, 514 positions and one token type.
/// </summary>
public record RobertaConfig : BertEncoderConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => Roberta.Architecture;

    /// <summary>Rows of the word embedding. Default 50,265.</summary>
    public override int VocabSize { get; init; } = 50265;

    /// <summary>Id of the padding token; positions are counted from the number after it. Default 1.</summary>
    public override int? PadTokenId { get; init; } = 1;

    /// <inheritdoc/>
    public override string? Contradiction() =>
        base.Contradiction()
        ?? (
            MaximumLength < 1
                ? $"max_position_embeddings {MaxPositionEmbeddings} leaves no position for a token, for they are counted from pad_token_id {PadTokenId} + 1"
                : null
        );
}

/// <summary>
/// RoBERTa (Liu et al. 2019): BERT's encoder, whose positions are counted from the padding id + 1 so that 514 of them take 512 tokens, and heads of its own.
/// </summary>
/// <typeparam name="TConfig">The configuration.</typeparam>
public abstract class RobertaArchitecture<TConfig> : BertEncoderArchitecture<TConfig>
    where TConfig : RobertaConfig, new()
{
    private protected RobertaArchitecture() { }

    /// <inheritdoc/>
    public override string Prefix => "roberta";

    private protected override int? PositionsAfter(TConfig config) => config.PadTokenId ?? 0;

    /// <inheritdoc/>
    public override IReadOnlyList<TiedParameter> TiedDecoder { get; } =
    [new("lm_head.decoder.weight", "roberta.embeddings.word_embeddings.weight"), new("lm_head.decoder.bias", "lm_head.bias")];

    /// <inheritdoc/>
    protected override bool HasPooler(TConfig config) => true;

    /// <inheritdoc/>
    protected override T LanguageModel<T>(INetwork<T> net, TConfig config, T hidden)
    {
        var x = Linear(net, net.PredictedTokens(hidden), "lm_head.dense", config.HiddenSize, config.HiddenSize);
        x = net.LayerNorm(net.Activation(x, Activation.Gelu), "lm_head.layer_norm", config.HiddenSize, config.LayerNormEps);
        return net.Linear(x, Decoder(config, "lm_head.decoder.weight"), Decoder(config, "lm_head.decoder.bias"), config.HiddenSize, config.VocabSize);
    }

    /// <inheritdoc/>
    protected override T SequenceClassifier<T>(INetwork<T> net, TConfig config, T hidden, NetworkInputs<T> inputs, int labels) =>
        DenseClassifier(net, config, hidden, labels, Activation.Tanh);

    /// <inheritdoc/>
    protected override T ChoiceClassifier<T>(INetwork<T> net, TConfig config, T hidden, NetworkInputs<T> inputs)
    {
        var pooled = Pooler(net, config, hidden, Prefix + ".");
        return Linear(net, net.Dropout(pooled, config.HiddenDropoutProb), "classifier", config.HiddenSize, 1);
    }
}

/// <summary>RoBERTa (Liu et al. 2019).</summary>
public sealed class Roberta : RobertaArchitecture<RobertaConfig>
{
    private Roberta() { }

    /// <summary>The architecture.</summary>
    public static Roberta Architecture { get; } = new();

    /// <inheritdoc/>
    public override string ModelType => "roberta";

    /// <inheritdoc/>
    public override string ClassPrefix => "Roberta";
}
