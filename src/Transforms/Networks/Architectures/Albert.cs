namespace BertMl.Networks;

/// <summary>The shape of an ALBERT (Lan et al. 2019), with the defaults of <c>albert-xxlarge</c>, as transformers has them.</summary>
public sealed record AlbertConfig : ModelConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => Albert.Architecture;

    /// <summary>Rows of the word embedding. Default 30,000.</summary>
    public override int VocabSize { get; init; } = 30000;

    /// <summary>Width of the embeddings, which a linear layer brings to <see cref="HiddenSize"/>. Default 128.</summary>
    [ConfigField(Maximum = 1 << 16)]
    public int EmbeddingSize { get; init; } = 128;

    /// <summary>Width of a token's representation. Default 4,096.</summary>
    public override int HiddenSize { get; init; } = 4096;

    /// <summary>Number of Transformer layers, which share their parameters. Default 12.</summary>
    public override int NumHiddenLayers { get; init; } = 12;

    /// <summary>Groups of layers that have parameters of their own. Default 1.</summary>
    [ConfigField(Maximum = 1 << 10)]
    public int NumHiddenGroups { get; init; } = 1;

    /// <summary>Layers within a group. Default 1.</summary>
    [ConfigField(Maximum = 1 << 6)]
    public int InnerGroupNum { get; init; } = 1;

    /// <summary>Attention heads of a layer. Default 64.</summary>
    public override int NumAttentionHeads { get; init; } = 64;

    /// <summary>Width of the feed-forward layer. Default 16,384.</summary>
    public int IntermediateSize { get; init; } = 16384;

    /// <summary>Activation of the feed-forward layer. Default <see cref="Activation.GeluTanh"/> (<c>gelu_new</c>).</summary>
    public Activation HiddenAct { get; init; } = Activation.GeluTanh;

    /// <summary>Dropout after embeddings and attention. Default 0.</summary>
    [ConfigField(IsProbability = true)]
    public double HiddenDropoutProb { get; init; }

    /// <summary>Dropout of attention probabilities. Default 0.</summary>
    [ConfigField(IsProbability = true)]
    public double AttentionProbsDropoutProb { get; init; }

    /// <summary>Dropout before a classifier. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double ClassifierDropoutProb { get; init; } = 0.1;

    /// <summary>Rows of the position embedding: the largest number of tokens in a row. Default 512.</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>Rows of the token type embedding. Default 2.</summary>
    public int TypeVocabSize { get; init; } = 2;

    /// <summary>Epsilon of layer normalization. Default 1e-12.</summary>
    public double LayerNormEps { get; init; } = 1e-12;
}

/// <summary>ALBERT (Lan et al. 2019): BERT with narrow embeddings and layers that share their parameters.</summary>
public sealed class Albert : Architecture<AlbertConfig>
{
    private Albert() { }

    /// <summary>The architecture.</summary>
    public static Albert Architecture { get; } = new();

    /// <inheritdoc/>
    public override string ModelType => "albert";

    /// <inheritdoc/>
    public override string ClassPrefix => "Albert";

    /// <inheritdoc/>
    public override string Prefix => "albert";

    /// <inheritdoc/>
    public override int MaximumLength(ModelConfig config) => ((AlbertConfig)config).MaxPositionEmbeddings;

    /// <inheritdoc/>
    public override int TokenTypes(ModelConfig config) => ((AlbertConfig)config).TypeVocabSize;

    /// <summary>The layers of groups, each as often as it is computed.</summary>
    public override int ObservedLayers(ModelConfig config) => config.NumHiddenLayers * ((AlbertConfig)config).InnerGroupNum;

    /// <inheritdoc/>
    public override IReadOnlyList<TiedParameter> TiedDecoder { get; } =
    [new("predictions.decoder.weight", "albert.embeddings.word_embeddings.weight"), new("predictions.decoder.bias", "predictions.bias")];

    /// <summary>All layers share their parameters, so those of a group stand at the depth of the group's first layer.</summary>
    protected override int EncoderDepth(ModelConfig config, string name)
    {
        var own = (AlbertConfig)config;
        if (LayerNumber(name, "albert_layer_groups.") is { } group)
            return (int)Math.Ceiling((group - 1) * (double)own.NumHiddenLayers / own.NumHiddenGroups) + 1;
        return name.StartsWith("pooler", StringComparison.Ordinal) || !name.Contains("embedding", StringComparison.Ordinal) ? config.NumHiddenLayers + 1 : 0;
    }

    /// <inheritdoc/>
    protected override double ClassifierDropout(AlbertConfig config) => config.ClassifierDropoutProb;

    /// <inheritdoc/>
    protected override bool HasPooler(AlbertConfig config) => true;

    /// <inheritdoc/>
    protected override T Encoder<T>(INetwork<T> net, AlbertConfig config, NetworkInputs<T> inputs, string prefix)
    {
        var (width, epsilon) = (config.EmbeddingSize, config.LayerNormEps);
        var embeddings = prefix + "embeddings.";
        var x = net.Embedding(inputs.InputIds, embeddings + "word_embeddings.weight", config.VocabSize, width, config.PadTokenId);
        x = net.Add(x, net.Embedding(inputs.TokenTypeIds, embeddings + "token_type_embeddings.weight", config.TypeVocabSize, width));
        x = net.Add(x, net.Embedding(net.Positions(inputs.InputIds), embeddings + "position_embeddings.weight", config.MaxPositionEmbeddings, width));
        x = net.Dropout(net.LayerNorm(x, embeddings + "LayerNorm", width, epsilon), config.HiddenDropoutProb);
        x = Linear(net, x, prefix + "encoder.embedding_hidden_mapping_in", width, config.HiddenSize);
        net.Observe(ObservedNames.HiddenStates + "0", x);
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            var group = (int)(i / ((double)config.NumHiddenLayers / config.NumHiddenGroups));
            for (var j = 0; j < config.InnerGroupNum; j++)
            {
                var name = $"{prefix}encoder.albert_layer_groups.{group}.albert_layers.{j}.";
                var layer = i * config.InnerGroupNum + j;
                x = Layer(net, config, x, inputs.AttentionMask, name, $"{ObservedNames.Attentions}{layer}");
                net.Observe($"{ObservedNames.HiddenStates}{layer + 1}", x);
            }
        }
        return x;
    }

    private static T Layer<T>(INetwork<T> net, AlbertConfig config, T x, T mask, string name, string observed)
    {
        var (width, inner, epsilon) = (config.HiddenSize, config.IntermediateSize, config.LayerNormEps);
        var self = name + "attention.";
        var attention = new AttentionOptions<T>(width, config.NumAttentionHeads, config.AttentionProbsDropoutProb, observed);
        var attended = net.SelfAttention(x, mask, self + "query", self + "key", self + "value", width, attention);
        attended = Linear(net, attended, self + "dense", width, width);
        x = net.AddAndNorm(attended, x, self + "LayerNorm", width, epsilon, config.HiddenDropoutProb);
        var forward = net.Activation(Linear(net, x, name + "ffn", width, inner), config.HiddenAct, name + "activation");
        return net.AddAndNorm(Linear(net, forward, name + "ffn_output", inner, width), x, name + "full_layer_layer_norm", width, epsilon, 0);
    }

    /// <inheritdoc/>
    protected override T Pooler<T>(INetwork<T> net, AlbertConfig config, T hidden, string prefix) =>
        net.Activation(Linear(net, net.FirstTokens(hidden), prefix + "pooler", config.HiddenSize, config.HiddenSize), Activation.Tanh);

    /// <inheritdoc/>
    protected override T LanguageModel<T>(INetwork<T> net, AlbertConfig config, T hidden)
    {
        var x = Linear(net, net.PredictedTokens(hidden), "predictions.dense", config.HiddenSize, config.EmbeddingSize);
        x = net.LayerNorm(net.Activation(x, config.HiddenAct, "predictions.activation"), "predictions.LayerNorm", config.EmbeddingSize, config.LayerNormEps);
        return net.Linear(
            x,
            Decoder(config, "predictions.decoder.weight"),
            Decoder(config, "predictions.decoder.bias"),
            config.EmbeddingSize,
            config.VocabSize
        );
    }

    /// <inheritdoc/>
    protected override T SequenceClassifier<T>(INetwork<T> net, AlbertConfig config, T hidden, NetworkInputs<T> inputs, int labels) =>
        Linear(net, net.Dropout(Pooler(net, config, hidden, "albert."), config.ClassifierDropoutProb), "classifier", config.HiddenSize, labels);
}
