namespace BertMl.Networks;

/// <summary>What the configurations of BERT, RoBERTa, XLM-RoBERTa and ELECTRA have in common; names and defaults are those of transformers.</summary>
public abstract record BertEncoderConfig : ModelConfig
{
    /// <summary>Rows of the word embedding. Default 30,522.</summary>
    public override int VocabSize { get; init; } = 30522;

    /// <summary>Width of a token's representation. Default 768.</summary>
    public override int HiddenSize { get; init; } = 768;

    /// <summary>Number of Transformer layers. Default 12.</summary>
    public override int NumHiddenLayers { get; init; } = 12;

    /// <summary>Attention heads of a layer, a divisor of <see cref="HiddenSize"/>. Default 12.</summary>
    public override int NumAttentionHeads { get; init; } = 12;

    /// <summary>Width of the feed-forward layer. Default 3,072.</summary>
    public virtual int IntermediateSize { get; init; } = 3072;

    /// <summary>Activation of the feed-forward layer. Default <see cref="Activation.Gelu"/>.</summary>
    public Activation HiddenAct { get; init; } = Activation.Gelu;

    /// <summary>Dropout after embeddings and dense layers while learning. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double HiddenDropoutProb { get; init; } = 0.1;

    /// <summary>Dropout of attention probabilities while learning. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double AttentionProbsDropoutProb { get; init; } = 0.1;

    /// <summary>Dropout before the classifier; null (the default): <see cref="HiddenDropoutProb"/>.</summary>
    [ConfigField(IsProbability = true)]
    public double? ClassifierDropout { get; init; }

    /// <summary>Rows of the position embedding. Default 512.</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>Rows of the token type embedding. Default 2.</summary>
    public int TypeVocabSize { get; init; } = 2;

    /// <summary>Epsilon of layer normalization. Default 1e-12.</summary>
    public double LayerNormEps { get; init; } = 1e-12;

    /// <summary>
    /// Does a token see only itself and those before it, as in GPT-2 (is_decoder of config.json)? Default false: it sees all of its row. A decoder that attends
    /// to an encoder (add_cross_attention) is refused when it is read.
    /// </summary>
    public bool IsDecoder { get; init; }

    /// <summary>Width of the embeddings; where it is not <see cref="ModelConfig.HiddenSize"/>, a linear layer follows them.</summary>
    internal virtual int EmbeddingWidth => HiddenSize;

    /// <inheritdoc/>
    public override string? Contradiction() => base.Contradiction() ?? CrossAttention() ?? (IsDecoder ? NotCausal() : null);
}

/// <summary>
/// The encoder of BERT (Devlin et al. 2018), numerically as Hugging Face's: post-layer normalization and learned positions. RoBERTa, XLM-RoBERTa and ELECTRA
/// have the same, with another count of positions or narrower embeddings.
/// </summary>
/// <typeparam name="TConfig">The configuration.</typeparam>
public abstract class BertEncoderArchitecture<TConfig> : Architecture<TConfig>
    where TConfig : BertEncoderConfig, new()
{
    /// <summary>The id from which positions are counted (RoBERTa), or null: they are counted from 0.</summary>
    private protected virtual int? PositionsAfter(TConfig config) => null;

    internal override string? NextTokenClass(ModelConfig config) => ((TConfig)config).IsDecoder ? ClassPrefix + "ForCausalLM" : null;

    /// <inheritdoc/>
    public override int MaximumLength(ModelConfig config)
    {
        var own = (TConfig)config;
        return own.MaxPositionEmbeddings - (PositionsAfter(own) + 1 ?? 0);
    }

    /// <inheritdoc/>
    public override int TokenTypes(ModelConfig config) => ((TConfig)config).TypeVocabSize;

    /// <inheritdoc/>
    protected override int EncoderDepth(ModelConfig config, string name) =>
        LayerNumber(name, "encoder.layer.") ?? (name.StartsWith("embeddings", StringComparison.Ordinal) ? 0 : config.NumHiddenLayers + 1);

    /// <inheritdoc/>
    protected override double ClassifierDropout(TConfig config) => config.ClassifierDropout ?? config.HiddenDropoutProb;

    /// <inheritdoc/>
    protected override T Encoder<T>(INetwork<T> net, TConfig config, NetworkInputs<T> inputs, string prefix)
    {
        var (width, epsilon) = (config.EmbeddingWidth, config.LayerNormEps);
        var embeddings = prefix + "embeddings.";
        var positions = net.Positions(inputs.InputIds, PositionsAfter(config));
        var x = net.Embedding(inputs.InputIds, embeddings + "word_embeddings.weight", config.VocabSize, width, config.PadTokenId);
        x = net.Add(x, net.Embedding(inputs.TokenTypeIds, embeddings + "token_type_embeddings.weight", config.TypeVocabSize, width));
        x = net.Add(x, net.Embedding(positions, embeddings + "position_embeddings.weight", config.MaxPositionEmbeddings, width, PositionsAfter(config)));
        x = net.Dropout(net.LayerNorm(x, embeddings + "LayerNorm", width, epsilon), config.HiddenDropoutProb);
        if (width != config.HiddenSize)
            x = Linear(net, x, prefix + "embeddings_project", width, config.HiddenSize);
        net.Observe(ObservedNames.HiddenStates + "0", x);
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            x = Layer(net, config, x, inputs.AttentionMask, $"{prefix}encoder.layer.{i}.", $"{ObservedNames.Attentions}{i}");
            net.Observe($"{ObservedNames.HiddenStates}{i + 1}", x);
        }
        return x;
    }

    private static T Layer<T>(INetwork<T> net, TConfig config, T x, T mask, string name, string observed)
    {
        var (width, inner, epsilon, dropout) = (config.HiddenSize, config.IntermediateSize, config.LayerNormEps, config.HiddenDropoutProb);
        var self = name + "attention.self.";
        var attention = new AttentionOptions<T>(width, config.NumAttentionHeads, config.AttentionProbsDropoutProb, observed)
        {
            Mask = new(Causal: config.IsDecoder),
        };
        var attended = net.SelfAttention(x, mask, self + "query", self + "key", self + "value", width, attention);
        attended = Linear(net, attended, name + "attention.output.dense", width, width);
        x = net.AddAndNorm(attended, x, name + "attention.output.LayerNorm", width, epsilon, dropout);
        var forward = net.Activation(Linear(net, x, name + "intermediate.dense", width, inner), config.HiddenAct, name + "intermediate.intermediate_act_fn");
        forward = Linear(net, forward, name + "output.dense", inner, width);
        return net.AddAndNorm(forward, x, name + "output.LayerNorm", width, epsilon, dropout);
    }

    /// <summary>tanh of a linear layer, "pooler.dense", of the first token.</summary>
    protected override T Pooler<T>(INetwork<T> net, TConfig config, T hidden, string prefix) =>
        net.Activation(Linear(net, net.FirstTokens(hidden), prefix + "pooler.dense", config.HiddenSize, config.HiddenSize), Activation.Tanh);

    /// <summary>Dropout and a linear layer, "classifier", of the pooled first token.</summary>
    private protected T PooledClassifier<T>(INetwork<T> net, TConfig config, T hidden, int labels)
    {
        var pooled = Pooler(net, config, hidden, Prefix + ".");
        return Linear(net, net.Dropout(pooled, ClassifierDropout(config)), "classifier", config.HiddenSize, labels);
    }

    /// <summary>RoBERTa's and ELECTRA's classifier, "classifier.dense" and "classifier.out_proj", of the first token, with dropout before each.</summary>
    private protected T DenseClassifier<T>(INetwork<T> net, TConfig config, T hidden, int labels, Activation activation)
    {
        var x = net.Dropout(net.FirstTokens(hidden), ClassifierDropout(config));
        x = net.Activation(Linear(net, x, "classifier.dense", config.HiddenSize, config.HiddenSize), activation);
        return Linear(net, net.Dropout(x, ClassifierDropout(config)), "classifier.out_proj", config.HiddenSize, labels);
    }
}
