namespace BertMl.Networks;

/// <summary>The shape of an MPNet (Song et al. 2020), with the defaults of transformers. <c>mpnet-base</c> has 30,527 tokens and 514 positions.</summary>
public sealed record MPNetConfig : ModelConfig
{
    /// <inheritdoc/>
    public override Architecture Architecture => MPNet.Architecture;

    /// <summary>Rows of the word embedding. Default 30,527.</summary>
    public override int VocabSize { get; init; } = 30527;

    /// <summary>Width of a token's representation. Default 768.</summary>
    public override int HiddenSize { get; init; } = 768;

    /// <summary>Number of Transformer layers. Default 12.</summary>
    public override int NumHiddenLayers { get; init; } = 12;

    /// <summary>Attention heads of a layer. Default 12.</summary>
    public override int NumAttentionHeads { get; init; } = 12;

    /// <summary>Width of the feed-forward layer. Default 3,072.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Activation of the feed-forward layer. Default <see cref="Activation.Gelu"/>.</summary>
    public Activation HiddenAct { get; init; } = Activation.Gelu;

    /// <summary>Dropout after embeddings and dense layers. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double HiddenDropoutProb { get; init; } = 0.1;

    /// <summary>Dropout of attention probabilities. Default 0.1.</summary>
    [ConfigField(IsProbability = true)]
    public double AttentionProbsDropoutProb { get; init; } = 0.1;

    /// <summary>Rows of the position embedding; two of them are not used. Default 512.</summary>
    [ConfigField(Minimum = 3)]
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>Buckets of distances between tokens. Default 32.</summary>
    [ConfigField(Minimum = 4, Maximum = 1 << 16)]
    public int RelativeAttentionNumBuckets { get; init; } = 32;

    /// <summary>Epsilon of layer normalization. Default 1e-12.</summary>
    public double LayerNormEps { get; init; } = 1e-12;

    /// <summary>Id of the padding token. Default 1.</summary>
    public override int? PadTokenId { get; init; } = 1;
}

/// <summary>
/// MPNet (Song et al. 2020): BERT's layers with RoBERTa's positions, no token types, and a bias of attention by distance, as in T5 (Raffel et al. 2019).
/// </summary>
public sealed class MPNet : Architecture<MPNetConfig>
{
    // The network knows padding by this id, whatever the configuration says.
    private const int PaddingId = 1;

    // Distances from here on share the last bucket.
    private const int LongestDistance = 128;

    private MPNet() { }

    /// <summary>The architecture.</summary>
    public static MPNet Architecture { get; } = new();

    /// <inheritdoc/>
    public override int? FixedPaddingId => PaddingId;

    internal override string PaddingAdvice => "Learn a vocabulary with WordPieceOptions.MPNet, which begins as MPNet's does.";

    /// <inheritdoc/>
    public override string ModelType => "mpnet";

    /// <inheritdoc/>
    public override string ClassPrefix => "MPNet";

    /// <inheritdoc/>
    public override string Prefix => "mpnet";

    /// <inheritdoc/>
    public override int MaximumLength(ModelConfig config) => ((MPNetConfig)config).MaxPositionEmbeddings - PaddingId - 1;

    /// <inheritdoc/>
    public override int TokenTypes(ModelConfig config) => 0;

    /// <inheritdoc/>
    public override IReadOnlyList<TiedParameter> TiedDecoder { get; } =
    [new("lm_head.decoder.weight", "mpnet.embeddings.word_embeddings.weight"), new("lm_head.decoder.bias", "lm_head.bias")];

    /// <inheritdoc/>
    protected override int EncoderDepth(ModelConfig config, string name) =>
        LayerNumber(name, "encoder.layer.")
        ?? (
            name.StartsWith("embeddings", StringComparison.Ordinal) || name.StartsWith("encoder.relative", StringComparison.Ordinal)
                ? 0
                : config.NumHiddenLayers + 1
        );

    /// <inheritdoc/>
    protected override double ClassifierDropout(MPNetConfig config) => config.HiddenDropoutProb;

    /// <inheritdoc/>
    protected override bool HasPooler(MPNetConfig config) => true;

    /// <inheritdoc/>
    protected override T Encoder<T>(INetwork<T> net, MPNetConfig config, NetworkInputs<T> inputs, string prefix)
    {
        var (width, epsilon) = (config.HiddenSize, config.LayerNormEps);
        var embeddings = prefix + "embeddings.";
        var positions = net.Positions(inputs.InputIds, PaddingId);
        var x = net.Embedding(inputs.InputIds, embeddings + "word_embeddings.weight", config.VocabSize, width, PaddingId);
        x = net.Add(x, net.Embedding(positions, embeddings + "position_embeddings.weight", config.MaxPositionEmbeddings, width, PaddingId));
        x = net.Dropout(net.LayerNorm(x, embeddings + "LayerNorm", width, epsilon), config.HiddenDropoutProb);
        net.Observe(ObservedNames.HiddenStates + "0", x);
        var bias = PositionBias(net, config, inputs.InputIds, prefix);
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            x = Layer(net, config, x, inputs.AttentionMask, bias, $"{prefix}encoder.layer.{i}.", $"{ObservedNames.Attentions}{i}");
            net.Observe($"{ObservedNames.HiddenStates}{i + 1}", x);
        }
        return x;
    }

    // [heads, length, length], the same for all layers.
    private T PositionBias<T>(INetwork<T> net, MPNetConfig config, T ids, string prefix)
    {
        var (buckets, heads) = (config.RelativeAttentionNumBuckets, config.NumAttentionHeads);
        var table = net.Parameter(prefix + "encoder.relative_attention_bias.weight", Initialization.Normal, buckets, heads);
        var bucketOf = net.RelativePositions(ids, "position_buckets", MaximumLength(config), distance => Bucket(distance, buckets));
        return net.Transpose(net.Gather(table, bucketOf), 2, 0, 1);
    }

    /// <summary>
    /// The bucket of a distance (query's position less key's): half of them for keys after the query; small distances one each, larger ones by their logarithm.
    /// </summary>
    internal static int Bucket(int distance, int buckets)
    {
        buckets /= 2;
        var first = distance < 0 ? buckets : 0;
        var size = Math.Abs(distance);
        var exact = buckets / 2;
        if (size < exact)
            return first + size;
        var logarithmic = exact + (int)(MathF.Log((float)size / exact) / (float)Math.Log((double)LongestDistance / exact) * (buckets - exact));
        return first + Math.Min(logarithmic, buckets - 1);
    }

    private static T Layer<T>(INetwork<T> net, MPNetConfig config, T x, T mask, T bias, string name, string observed)
    {
        var (width, inner, epsilon, dropout) = (config.HiddenSize, config.IntermediateSize, config.LayerNormEps, config.HiddenDropoutProb);
        var self = name + "attention.attn.";
        var attention = new AttentionOptions<T>(width, config.NumAttentionHeads, config.AttentionProbsDropoutProb, observed) { Bias = (_, _) => bias };
        var attended = net.SelfAttention(x, mask, self + "q", self + "k", self + "v", width, attention);
        x = net.AddAndNorm(Linear(net, attended, self + "o", width, width), x, name + "attention.LayerNorm", width, epsilon, dropout);
        var forward = net.Activation(Linear(net, x, name + "intermediate.dense", width, inner), config.HiddenAct, name + "intermediate.intermediate_act_fn");
        return net.AddAndNorm(Linear(net, forward, name + "output.dense", inner, width), x, name + "output.LayerNorm", width, epsilon, dropout);
    }

    /// <inheritdoc/>
    protected override T Pooler<T>(INetwork<T> net, MPNetConfig config, T hidden, string prefix) =>
        net.Activation(Linear(net, net.FirstTokens(hidden), prefix + "pooler.dense", config.HiddenSize, config.HiddenSize), Activation.Tanh);

    /// <inheritdoc/>
    protected override T LanguageModel<T>(INetwork<T> net, MPNetConfig config, T hidden)
    {
        var x = Linear(net, net.PredictedTokens(hidden), "lm_head.dense", config.HiddenSize, config.HiddenSize);
        x = net.LayerNorm(net.Activation(x, Activation.Gelu), "lm_head.layer_norm", config.HiddenSize, config.LayerNormEps);
        return net.Linear(x, Decoder(config, "lm_head.decoder.weight"), Decoder(config, "lm_head.decoder.bias"), config.HiddenSize, config.VocabSize);
    }

    /// <inheritdoc/>
    protected override T SequenceClassifier<T>(INetwork<T> net, MPNetConfig config, T hidden, NetworkInputs<T> inputs, int labels)
    {
        var x = net.Dropout(net.FirstTokens(hidden), config.HiddenDropoutProb);
        x = net.Activation(Linear(net, x, "classifier.dense", config.HiddenSize, config.HiddenSize), Activation.Tanh);
        return Linear(net, net.Dropout(x, config.HiddenDropoutProb), "classifier.out_proj", config.HiddenSize, labels);
    }

    /// <inheritdoc/>
    protected override T ChoiceClassifier<T>(INetwork<T> net, MPNetConfig config, T hidden, NetworkInputs<T> inputs) =>
        Linear(net, net.Dropout(Pooler(net, config, hidden, "mpnet."), config.HiddenDropoutProb), "classifier", config.HiddenSize, 1);
}
