namespace BertMl.Networks;

/// <summary>The shape of a DistilBERT (Sanh et al. 2019), with the defaults of <c>distilbert-base-uncased</c>.</summary>
public sealed record DistilBertConfig : ModelConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => DistilBert.Architecture;

    /// <summary>Rows of the word embedding. Default 30,522.</summary>
    public override int VocabSize { get; init; } = 30522;

    /// <summary>Width of a token's representation (<c>dim</c>). Default 768.</summary>
    [ConfigField("dim", "hidden_size", Maximum = 1 << 16)]
    public override int HiddenSize { get; init; } = 768;

    /// <summary>Number of Transformer layers (<c>n_layers</c>). Default 6.</summary>
    [ConfigField("n_layers", "num_hidden_layers", Minimum = 0, Maximum = 1_000)]
    public override int NumHiddenLayers { get; init; } = 6;

    /// <summary>Attention heads of a layer (<c>n_heads</c>). Default 12.</summary>
    [ConfigField("n_heads", "num_attention_heads", Maximum = 1 << 16)]
    public override int NumAttentionHeads { get; init; } = 12;

    /// <summary>Width of the feed-forward layer (<c>hidden_dim</c>). Default 3,072.</summary>
    [ConfigField("hidden_dim")]
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Activation of the feed-forward layer (<c>activation</c>). Default <see cref="Activation.Gelu"/>.</summary>
    [ConfigField("activation")]
    public Activation HiddenAct { get; init; } = Activation.Gelu;

    /// <summary>Dropout after the embeddings and the feed-forward layer, and before the token classifier. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Dropout of attention probabilities. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Dropout before the sequence classifier. Default 0.2.</summary>
    [ConfigField(IsProbability = true)]
    public double SeqClassifDropout { get; init; } = 0.2;

    /// <summary>Dropout before question answering's linear layer. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double QaDropout { get; init; } = 0.1;

    /// <summary>Rows of the position embedding: the largest number of tokens in a row. Default 512.</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;
}

/// <summary>DistilBERT (Sanh et al. 2019): BERT with half of the layers, no token types and no pooler.</summary>
public sealed class DistilBert : Architecture<DistilBertConfig>
{
    private const double Epsilon = 1e-12;

    private DistilBert() { }

    /// <summary>The architecture.</summary>
    public static DistilBert Architecture { get; } = new();

    /// <inheritdoc/>
    public override string ModelType => "distilbert";

    /// <inheritdoc/>
    public override string ClassPrefix => "DistilBert";

    /// <inheritdoc/>
    public override string Prefix => "distilbert";

    /// <inheritdoc/>
    public override int MaximumLength(ModelConfig config) => ((DistilBertConfig)config).MaxPositionEmbeddings;

    /// <inheritdoc/>
    public override int TokenTypes(ModelConfig config) => 0;

    /// <inheritdoc/>
    public override IReadOnlyList<TiedParameter> TiedDecoder { get; } = [new("vocab_projector.weight", "distilbert.embeddings.word_embeddings.weight")];

    /// <inheritdoc/>
    protected override int EncoderDepth(ModelConfig config, string name) =>
        LayerNumber(name, "transformer.layer.") ?? (name.StartsWith("embeddings", StringComparison.Ordinal) ? 0 : config.NumHiddenLayers + 1);

    /// <inheritdoc/>
    protected override double ClassifierDropout(DistilBertConfig config) => config.Dropout;

    /// <inheritdoc/>
    protected override T Encoder<T>(INetwork<T> net, DistilBertConfig config, NetworkInputs<T> inputs, string prefix)
    {
        var width = config.HiddenSize;
        var embeddings = prefix + "embeddings.";
        var x = net.Embedding(inputs.InputIds, embeddings + "word_embeddings.weight", config.VocabSize, width, config.PadTokenId);
        x = net.Add(x, net.Embedding(net.Positions(inputs.InputIds), embeddings + "position_embeddings.weight", config.MaxPositionEmbeddings, width));
        x = net.Dropout(net.LayerNorm(x, embeddings + "LayerNorm", width, Epsilon), config.Dropout);
        net.Observe(ObservedNames.HiddenStates + "0", x);
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            x = Layer(net, config, x, inputs.AttentionMask, $"{prefix}transformer.layer.{i}.", $"{ObservedNames.Attentions}{i}");
            net.Observe($"{ObservedNames.HiddenStates}{i + 1}", x);
        }
        return x;
    }

    private static T Layer<T>(INetwork<T> net, DistilBertConfig config, T x, T mask, string name, string observed)
    {
        var (width, inner) = (config.HiddenSize, config.IntermediateSize);
        var self = name + "attention.";
        var attention = new AttentionOptions<T>(width, config.NumAttentionHeads, config.AttentionDropout, observed);
        var attended = net.SelfAttention(x, mask, self + "q_lin", self + "k_lin", self + "v_lin", width, attention);
        x = net.AddAndNorm(Linear(net, attended, self + "out_lin", width, width), x, name + "sa_layer_norm", width, Epsilon, 0);
        var forward = net.Activation(Linear(net, x, name + "ffn.lin1", width, inner), config.HiddenAct, name + "ffn.activation");
        forward = Linear(net, forward, name + "ffn.lin2", inner, width);
        return net.AddAndNorm(forward, x, name + "output_layer_norm", width, Epsilon, config.Dropout);
    }

    /// <inheritdoc/>
    protected override T LanguageModel<T>(INetwork<T> net, DistilBertConfig config, T hidden)
    {
        var x = Linear(net, net.PredictedTokens(hidden), "vocab_transform", config.HiddenSize, config.HiddenSize);
        x = net.LayerNorm(net.Activation(x, config.HiddenAct, "activation"), "vocab_layer_norm", config.HiddenSize, Epsilon);
        return net.Linear(x, Decoder(config, "vocab_projector.weight"), "vocab_projector.bias", config.HiddenSize, config.VocabSize);
    }

    /// <inheritdoc/>
    protected override T SequenceClassifier<T>(INetwork<T> net, DistilBertConfig config, T hidden, NetworkInputs<T> inputs, int labels)
    {
        var x = net.Activation(Linear(net, net.FirstTokens(hidden), "pre_classifier", config.HiddenSize, config.HiddenSize), Activation.Relu);
        return Linear(net, net.Dropout(x, config.SeqClassifDropout), "classifier", config.HiddenSize, labels);
    }

    /// <inheritdoc/>
    protected override T SpanClassifier<T>(INetwork<T> net, DistilBertConfig config, T hidden) =>
        base.SpanClassifier(net, config, net.Dropout(hidden, config.QaDropout));
}
