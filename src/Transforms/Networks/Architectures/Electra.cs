namespace BertMl.Networks;

/// <summary>The shape of an ELECTRA (Clark et al. 2020), with the defaults of <c>electra-small</c>.</summary>
public sealed record ElectraConfig : BertEncoderConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => Electra.Architecture;

    /// <summary>Width of the embeddings; where it is not <see cref="ModelConfig.HiddenSize"/>, a linear layer follows them. Default 128.</summary>
    [ConfigField(Maximum = 1 << 16)]
    public int EmbeddingSize { get; init; } = 128;

    /// <summary>Width of a token's representation. Default 256.</summary>
    public override int HiddenSize { get; init; } = 256;

    /// <summary>Attention heads of a layer. Default 4.</summary>
    public override int NumAttentionHeads { get; init; } = 4;

    /// <summary>Width of the feed-forward layer. Default 1,024.</summary>
    public override int IntermediateSize { get; init; } = 1024;

    /// <summary>Multiple choice: is there a linear layer on the first token before the classifier? Default true.</summary>
    public bool SummaryUseProj { get; init; } = true;

    /// <summary>Multiple choice: activation of that layer; null: none. Default <see cref="Activation.Gelu"/>.</summary>
    public Activation? SummaryActivation { get; init; } = Activation.Gelu;

    /// <summary>Multiple choice: dropout after that layer. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double SummaryLastDropout { get; init; } = 0.1;

    internal override int EmbeddingWidth => EmbeddingSize;

    // As in transformers: the other heads do not read these fields.
    internal override string? Contradiction(Head head) =>
        head != Head.MultipleChoice ? null
        : SummaryActivation is { } activation && WithoutParameters("summary_activation", activation) is { } wrong ? wrong
        : OtherFields.TryGetValue("summary_type", out var type) && type.ToString() is not "first"
            ? $"summary_type is {type.GetRawText()}; only \"first\" is supported"
        : null;
}

/// <summary>
/// ELECTRA (Clark et al. 2020): BERT's encoder with narrower embeddings, no pooler, and heads of its own. The masked language model is its generator.
/// </summary>
public sealed class Electra : BertEncoderArchitecture<ElectraConfig>
{
    private Electra() { }

    /// <summary>The architecture.</summary>
    public static Electra Architecture { get; } = new();

    /// <inheritdoc/>
    public override string ModelType => "electra";

    /// <inheritdoc/>
    public override string ClassPrefix => "Electra";

    /// <inheritdoc/>
    public override string Prefix => "electra";

    /// <inheritdoc/>
    public override IReadOnlyList<TiedParameter> TiedDecoder { get; } = [new("generator_lm_head.weight", "electra.embeddings.word_embeddings.weight")];

    /// <inheritdoc/>
    protected override int EncoderDepth(ModelConfig config, string name) =>
        name.StartsWith("embeddings_project", StringComparison.Ordinal) ? 0 : base.EncoderDepth(config, name);

    /// <inheritdoc/>
    protected override T LanguageModel<T>(INetwork<T> net, ElectraConfig config, T hidden)
    {
        var x = Linear(net, net.PredictedTokens(hidden), "generator_predictions.dense", config.HiddenSize, config.EmbeddingSize);
        x = net.LayerNorm(net.Activation(x, Activation.Gelu), "generator_predictions.LayerNorm", config.EmbeddingSize, config.LayerNormEps);
        return net.Linear(x, Decoder(config, "generator_lm_head.weight"), "generator_lm_head.bias", config.EmbeddingSize, config.VocabSize);
    }

    /// <inheritdoc/>
    protected override T SequenceClassifier<T>(INetwork<T> net, ElectraConfig config, T hidden, NetworkInputs<T> inputs, int labels) =>
        DenseClassifier(net, config, hidden, labels, Activation.Gelu);

    /// <inheritdoc/>
    protected override T ChoiceClassifier<T>(INetwork<T> net, ElectraConfig config, T hidden, NetworkInputs<T> inputs)
    {
        var x = net.FirstTokens(hidden);
        if (config.SummaryUseProj)
            x = Linear(net, x, "sequence_summary.summary", config.HiddenSize, config.HiddenSize);
        if (config.SummaryActivation is { } activation)
            x = net.Activation(x, activation);
        return Linear(net, net.Dropout(x, config.SummaryLastDropout), "classifier", config.HiddenSize, 1);
    }
}
